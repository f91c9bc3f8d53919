import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import type { Tensor, TensorMap } from '../../../runtime/tensor.ts';
import type { Reply } from '../../http/route.ts';
import { binaryData } from '../tensors/write-binary.ts';
import { jsonData } from '../tensors/write-json.ts';
import { classify } from './classification.ts';
import { HEADER_LENGTH } from './split-body.ts';
import type { WantedOutput } from './wanted-outputs.ts';

/**
 * The answer to an inference request: JSON, and the binary tensors after it when some are wanted.
 * @throws {InvalidRequestError} When an output has no JSON form and was not asked for as binary.
 */
export async function inferenceReply(
  model: LoadedModel,
  id: string,
  wanted: readonly WantedOutput[],
  outputs: TensorMap,
): Promise<Reply> {
  const parts: Buffer[] = [];
  const texts: string[] = [];
  for (const { name, binary, classes } of wanted) {
    const output = outputs[name] as Tensor;
    const tensor =
      classes === undefined
        ? output
        : classify(output, classes, model.manifest.batch !== undefined, model.labels);
    const { datatype, shape } = tensor;
    if (!binary) {
      const data = await jsonData(name, tensor);
      texts.push(withMember({ name, datatype, shape }, 'data', data));
      continue;
    }
    const bytes = binaryData(tensor);
    parts.push(bytes);
    const parameters = { binary_data_size: bytes.length };
    texts.push(JSON.stringify({ name, datatype, shape, parameters }));
  }
  const { name, version } = model.manifest;
  const head = { model_name: name, model_version: String(version), id };
  const text = withMember(head, 'outputs', `[${texts.join(',')}]`);
  if (parts.length === 0) return { status: 200, body: text, contentType: 'application/json' };
  const json = Buffer.from(text);
  return {
    status: 200,
    body: Buffer.concat([json, ...parts]),
    contentType: 'application/octet-stream',
    headers: { [HEADER_LENGTH]: String(json.length) },
  };
}

/** An object's JSON with one more member, whose value is JSON already: large ones are written only once. */
function withMember(head: object, name: string, json: string): string {
  return `${JSON.stringify(head).slice(0, -1)},"${name}":${json}}`;
}
