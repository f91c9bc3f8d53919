import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor, TensorMap, TensorSpec } from '../../../runtime/tensor.ts';
import { checkSpec, inputSpec } from '../tensors/check-spec.ts';
import type { CutList } from '../tensors/cut-json.ts';
import { readBinaryTensor } from '../tensors/read-binary.ts';
import { readCutTensor } from '../tensors/read-cut.ts';
import { readJsonTensor, requireJsonForm } from '../tensors/read-json.ts';
import type { InferenceMessage } from './read-request.ts';
import type { RequestInput } from './schema.ts';

/**
 * The request's inputs as tensors, from JSON and from the binary part, whose tensors lie in the order of
 * the inputs that have no `data`.
 * @throws {InvalidRequestError} When one is not what the model takes, or the binary part has other bytes
 *   than they name.
 */
export async function readInputs(
  model: LoadedModel,
  { request, binary, lists }: InferenceMessage,
): Promise<TensorMap> {
  const tensors: Record<string, Tensor> = {};
  const part = binaryPart(binary);
  for (const input of request.inputs) {
    if (Object.hasOwn(tensors, input.name)) {
      throw new InvalidRequestError(`Input "${input.name}" is given twice`);
    }
    const spec = inputSpec(model, input.name);
    const list = lists.get(input.data);
    tensors[input.name] =
      list === undefined ? readInput(spec, input, part.take) : await readList(spec, input, list);
  }
  part.finish();
  return tensors;
}

function readList(
  spec: TensorSpec,
  { name, datatype, shape, parameters = {} }: RequestInput,
  list: CutList,
): Promise<Tensor> {
  if (parameters['binary_data_size'] !== undefined) throw bothForms(name);
  requireJsonForm(name, datatype);
  checkSpec(datatype, shape, spec);
  return readCutTensor({ name, datatype, shape }, list);
}

function bothForms(name: string): InvalidRequestError {
  return new InvalidRequestError(`Input "${name}" has both "data" and "binary_data_size"`);
}

function readInput(
  spec: TensorSpec,
  { name, datatype, shape, data, parameters = {} }: RequestInput,
  takeBytes: BinaryPart['take'],
): Tensor {
  const { binary_data_size: size } = parameters;
  if (size === undefined) {
    requireJsonForm(name, datatype);
    checkSpec(datatype, shape, spec);
    return readJsonTensor({ name, datatype, shape, data });
  }
  checkSpec(datatype, shape, spec);
  // The kserve client (0.21) writes an empty binary tensor with `"data": null`, and no header.
  if (data !== undefined && data !== null) {
    throw bothForms(name);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new InvalidRequestError(
      `Input "${name}": "binary_data_size" must be a whole number of bytes`,
    );
  }
  const bytes = takeBytes(name, size);
  return readBinaryTensor({ name, datatype: spec.datatype, shape, bytes });
}

interface BinaryPart {
  /** The next `size` bytes. */
  readonly take: (name: string, size: number) => Buffer;
  /** Sees to it that nothing is left. */
  readonly finish: () => void;
}

function binaryPart(binary: Buffer | undefined): BinaryPart {
  const bytes = binary ?? Buffer.alloc(0);
  let offset = 0;
  return {
    take(name, size) {
      if (binary === undefined && size > 0) {
        throw new InvalidRequestError(
          `Input "${name}" is binary, but no header Inference-Header-Content-Length says where the JSON ends`,
        );
      }
      if (offset + size > bytes.length) {
        throw new InvalidRequestError(
          `Input "${name}": of ${size} bytes of binary data, ${bytes.length - offset} are there`,
        );
      }
      offset += size;
      return bytes.subarray(offset - size, offset);
    },
    finish() {
      const left = bytes.length - offset;
      if (left === 0) return;
      throw new InvalidRequestError(
        `The body has ${left} bytes more than its JSON and the inputs’ "binary_data_size" say`,
      );
    },
  };
}
