import { HeadersTooLargeError, InvalidRequestError, RequestTimeoutError } from './errors.ts';
import type { InferenceEngineError } from './errors.ts';

/** Our error for a request that Node's parser gave up on; undefined when the connection itself broke. */
export function parserError(cause: NodeJS.ErrnoException): InferenceEngineError | undefined {
  const { code = '' } = cause;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new RequestTimeoutError('The request did not arrive whole in time', { cause });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HeadersTooLargeError('The headers of the request are too large', { cause });
  }
  if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP_')) {
    return new InvalidRequestError('The request is not valid HTTP', { cause });
  }
  return undefined;
}
