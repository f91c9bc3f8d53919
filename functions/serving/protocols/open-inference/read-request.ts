import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { checkModel } from '../check-model.ts';
import { parseJson } from '../parse-json.ts';
import { hasInexactIntegers, parseExactIntegers } from '../tensors/exact-integers.ts';
import { validate } from '../validate.ts';
import { checkBounds } from './bounds.ts';
import { inferenceRequest } from './schema.ts';
import type { InferenceRequestBody } from './schema.ts';
import { splitBody } from './split-body.ts';

/** A request as it came, its form checked; tensors are still JSON or bytes. */
export interface InferenceMessage {
  readonly request: InferenceRequestBody;
  /** See {@link splitBody}. */
  readonly binary: Buffer | undefined;
}

/**
 * Reads an inference request's body.
 * @throws {InvalidRequestError} When it is no such request.
 * @throws {ModelNotFoundError} When it names another model or version than its URL.
 */
export function readRequest(
  { manifest }: Pick<LoadedModel, 'manifest'>,
  context: Pick<RequestContext, 'headers'>,
  body: Buffer,
): InferenceMessage {
  const { json, binary } = splitBody(context, body);
  const value = parseJson(json);
  checkBounds(value);
  const request = validate(inferenceRequest, value, 'The inference request');
  checkModel(manifest, request.model_name, request.model_version);
  return { request: withExactIntegers(request, json), binary };
}

/** The request with whole numbers of 64 bits as they were sent, where JavaScript's numbers were too short. */
function withExactIntegers(request: InferenceRequestBody, json: Buffer): InferenceRequestBody {
  const isInexact = request.inputs.map(
    ({ datatype, data }) => datatype.endsWith('INT64') && hasInexactIntegers(data),
  );
  if (!isInexact.includes(true)) return request;
  const exact = parseExactIntegers(json.toString('utf8')) as InferenceRequestBody;
  return {
    ...request,
    inputs: request.inputs.map((input, index) =>
      isInexact[index] === true ? { ...input, data: exact.inputs[index]?.data } : input,
    ),
  };
}
