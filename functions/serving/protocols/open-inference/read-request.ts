import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { checkModel } from '../check-model.ts';
import { parseJson, requireUtf8 } from '../../../inputs/parse-json.ts';
import { cutJson } from '../tensors/cut-json.ts';
import type { CutList } from '../tensors/cut-json.ts';
import { hasInexactIntegers, parseExactIntegers } from '../tensors/exact-integers.ts';
import { validate } from '../../../inputs/validate.ts';
import { checkBounds } from './bounds.ts';
import { inferenceRequest } from './schema.ts';
import type { InferenceRequestBody } from './schema.ts';
import { splitBody } from './split-body.ts';

/** A request as it came, its form checked; tensors are still JSON or bytes. */
export interface InferenceMessage {
  readonly request: InferenceRequestBody;
  /** See {@link splitBody}. */
  readonly binary: Buffer | undefined;
  /** What `data` of the inputs with the longest lists stands for, see {@link cutJson}. */
  readonly lists: ReadonlyMap<unknown, CutList>;
}

/** JSON of so many bytes is parsed in about 3 ms. */
const PIECE_BYTES = 262_144;

/**
 * Reads an inference request's body. Lists of data that take long to parse are left for later, so that
 * other requests need not wait for all of them.
 * @param pieceBytes How long such a list is at least, and so each of its pieces.
 * @throws {InvalidRequestError} When it is no such request.
 * @throws {ModelNotFoundError} When it names another model or version than its URL.
 */
export function readRequest(
  { manifest }: Pick<LoadedModel, 'manifest'>,
  context: Pick<RequestContext, 'headers'>,
  body: Buffer,
  pieceBytes = PIECE_BYTES,
): InferenceMessage {
  const { json, binary } = splitBody(context, body);
  if (json.length > pieceBytes) {
    requireUtf8(json);
    const secret = crypto.randomUUID();
    const { text, lists } = cutJson(json, pieceBytes, (index) => `${secret}:${index}`);
    const request = checkedRequest(manifest, Buffer.from(text));
    const found = request.inputs.filter(({ data }) => lists.has(String(data)));
    // What looks like a list of numbers may stand where none belongs.
    if (found.length === lists.size) return { request, binary, lists };
  }
  return { request: checkedRequest(manifest, json), binary, lists: new Map() };
}

function checkedRequest(manifest: LoadedModel['manifest'], json: Buffer): InferenceRequestBody {
  const value = parseJson(json);
  checkBounds(value);
  const request = validate(inferenceRequest, value, 'The inference request');
  checkModel(manifest, request.model_name, request.model_version);
  return withExactIntegers(request, json);
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
