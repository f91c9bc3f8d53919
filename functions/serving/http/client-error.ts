import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import {
  HeadersTooLargeError,
  InvalidRequestError,
  RequestTimeoutError,
} from '../../runtime/errors.ts';
import type { InferenceEngineError } from '../../runtime/errors.ts';
import { errorReply } from './respond.ts';
import type { ErrorForm } from './route.ts';

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

/** Writes an error to a bare socket, in place of Node's own answer without a body, and closes it. */
export function answerSocket(
  socket: Duplex,
  error: InferenceEngineError,
  requestId: string,
  form: ErrorForm,
): void {
  const { status, body, contentType } = errorReply(error, requestId, form);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `content-type: ${contentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\n` +
      `connection: close\r\n\r\n${String(body)}`,
  );
}
