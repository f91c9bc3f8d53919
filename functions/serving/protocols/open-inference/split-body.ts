import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { RequestContext } from '../../http/request-context.ts';

/** Says, in a request or an answer, how many bytes of the body are JSON; binary tensors follow them. */
export const HEADER_LENGTH = 'inference-header-content-length';

/** An inference request's body: JSON, then binary tensors back to back. */
export interface InferenceBody {
  readonly json: Buffer;
  /** Undefined when the request does not say where its JSON ends: then it has no binary tensors. */
  readonly binary: Buffer | undefined;
}

/**
 * The two parts of a body; without the header it is JSON as a whole.
 * @throws {InvalidRequestError} When the header is no number of bytes that the body has.
 */
export function splitBody(
  { headers }: Pick<RequestContext, 'headers'>,
  body: Buffer,
): InferenceBody {
  const header = headers[HEADER_LENGTH];
  if (header === undefined) return { json: body, binary: undefined };
  const length = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : NaN;
  if (!(length <= body.length)) {
    throw new InvalidRequestError(
      `Inference-Header-Content-Length must be the bytes of the JSON part, at most those of the body, ${body.length}`,
    );
  }
  if (length === 0) {
    throw new InvalidRequestError(
      'A raw request (Inference-Header-Content-Length: 0) is not served: send the JSON part too',
    );
  }
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}
