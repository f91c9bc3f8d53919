import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor, TensorMap, TensorSpec } from '../../../runtime/tensor.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { inferRows } from '../infer-rows.ts';
import { parseJson } from '../parse-json.ts';
import { quote } from '../quote.ts';
import { validate } from '../validate.ts';
import { checkBounds } from './bounds.ts';
import { checkModel } from './check-model.ts';
import { readTensor } from './read-tensor.ts';
import { inferenceRequest } from './schema.ts';
import type { InferenceRequestBody } from './schema.ts';

/** Parameters that ask for an answer we do not give; ignoring them would answer in the wrong form. */
const REFUSED = ['binary_data', 'binary_data_output', 'binary_data_size', 'classification'];

const BINARY =
  'Binary tensor data is not supported: send JSON tensors and ask for them ' +
  '(tritonclient: binary_data=False on every input and requested output)';

/** In V8 since Node 22, not yet in TypeScript's library. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** `POST /v2/models/{model}[/versions/{version}]/infer` with JSON tensors. */
export async function infer(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const { model } = service;
  if (context.headers['inference-header-content-length'] !== undefined) {
    throw new InvalidRequestError(BINARY);
  }
  const value = parseJson(body);
  checkBounds(value);
  const request = validate(inferenceRequest, value, 'The inference request');
  checkModel(model.manifest, request.model_name, request.model_version);
  refuseParameters(request);
  const startedMs = performance.now();
  const wanted = wantedOutputs(model, request);
  const inputs = readInputs(model, request);
  const rows = countRows(model, inputs);
  context.timings['preprocess'] = performance.now() - startedMs;

  const { outputs } = await inferRows(service, context, inputs, rows, queueLimitMs(request));

  const inferredMs = performance.now();
  const answer = {
    model_name: model.manifest.name,
    model_version: String(model.manifest.version),
    id: request.id ?? context.requestId,
    outputs: wanted.map((name) => writeTensor(name, outputs[name] as Tensor)),
  };
  context.timings['postprocess'] = performance.now() - inferredMs;
  return jsonReply(200, answer);
}

/** The protocol's `timeout`, in microseconds: how long a request may wait for the model. None, or 0, is no limit. */
function queueLimitMs({ parameters = {} }: InferenceRequestBody): number {
  const { timeout = 0 } = parameters;
  if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 0) {
    throw new InvalidRequestError(
      'The parameter "timeout" must be a whole number of microseconds, 0 for none',
    );
  }
  return timeout === 0 ? Infinity : timeout / 1000;
}

function refuseParameters({ parameters, inputs, outputs = [] }: InferenceRequestBody): void {
  for (const given of [parameters, ...[...inputs, ...outputs].map((part) => part.parameters)]) {
    const name = REFUSED.find((key) => Object.hasOwn(given ?? {}, key) && given?.[key] !== false);
    if (name !== undefined)
      throw new InvalidRequestError(
        name === 'classification'
          ? `The parameter "${name}" is not supported`
          : `"${name}": ${BINARY}`,
      );
  }
}

function wantedOutputs({ session }: LoadedModel, { outputs }: InferenceRequestBody): string[] {
  const known = session.outputs.map(({ name }) => name);
  if (outputs === undefined || outputs.length === 0) return known;
  const names = outputs.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidRequestError(
      `There is no output ${quote(unknown)}: there is ${known.join(', ')}`,
    );
  }
  if (new Set(names).size < names.length) {
    throw new InvalidRequestError('An output is asked for twice');
  }
  return names;
}

function readInputs({ session }: LoadedModel, { inputs }: InferenceRequestBody): TensorMap {
  const tensors: Record<string, Tensor> = {};
  for (const input of inputs) {
    const spec = session.inputs.find(({ name }) => name === input.name);
    if (spec === undefined) {
      const known = session.inputs.map(({ name }) => name).join(', ');
      throw new InvalidRequestError(`There is no input ${quote(input.name)}: there is ${known}`);
    }
    if (Object.hasOwn(tensors, input.name)) {
      throw new InvalidRequestError(`Input "${input.name}" is given twice`);
    }
    checkSpec(input.datatype, input.shape, spec);
    tensors[input.name] = readTensor(input);
  }
  const missing = session.inputs.find(({ name }) => !Object.hasOwn(tensors, name));
  if (missing !== undefined) throw new InvalidRequestError(`Input "${missing.name}" is missing`);
  return tensors;
}

function checkSpec(datatype: string, shape: readonly number[], spec: TensorSpec): void {
  if (datatype !== spec.datatype) {
    const hint =
      datatype === 'FP16' || datatype === 'BF16'
        ? ', which only the binary tensor data extension carries'
        : '';
    throw new InvalidRequestError(
      `Input "${spec.name}" is ${spec.datatype}, not ${datatype}${hint}`,
    );
  }
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
  if (!fits) {
    throw new InvalidRequestError(
      `Input "${spec.name}" has the shape [${spec.shape.join(',')}] (-1 varies), not [${shape.join(',')}]`,
    );
  }
}

/** Rows along the batch axis, the same for every input; a model without that axis has one. */
function countRows({ manifest }: LoadedModel, inputs: TensorMap): number {
  if (manifest.batch === undefined) return 1;
  const counts = new Set(Object.values(inputs).map(({ shape }) => shape[0] ?? 0));
  const [rows = 0] = counts;
  if (counts.size > 1) throw new InvalidRequestError('The inputs differ in their number of rows');
  if (rows === 0) throw new InvalidRequestError('The inputs have no rows');
  return rows;
}

function writeTensor(name: string, { datatype, shape, data }: Tensor): unknown {
  return { name, datatype, shape, data: jsonElements(name, datatype, data) };
}

function jsonElements(
  name: string,
  datatype: Tensor['datatype'],
  data: Tensor['data'],
): readonly unknown[] {
  if (datatype === 'FP16') {
    throw new InvalidRequestError(
      `Output "${name}": FP16 has no JSON form: ask for it by the binary tensor data extension`,
    );
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    // As digits: a number of JavaScript is exact up to 2^53 only.
    return Array.from<bigint, unknown>(data, (value) => rawJson(String(value)));
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, Boolean);
  const elements = Array.from<unknown>(data as ArrayLike<unknown>);
  const index = elements.findIndex((value) => typeof value === 'number' && !Number.isFinite(value));
  if (index !== -1) {
    throw new InvalidRequestError(
      `Output "${name}": element ${index} is not finite for these inputs, which JSON cannot carry`,
    );
  }
  return elements;
}
