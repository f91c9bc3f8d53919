import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import type { InferenceEngineError } from '../../runtime/errors.ts';
import { errorReply } from './respond.ts';
import type { ErrorForm } from './route.ts';

/** How long a client may take to read such an answer and close its side. */
const LINGER_MS = 1_000;

/** Writes an error to a bare socket, in place of Node's own answer without a body, and closes it. */
export function answerSocket(
  socket: Duplex,
  error: InferenceEngineError,
  requestId: string,
  form: ErrorForm,
): void {
  const { status, body, contentType, headers } = errorReply(error, requestId, form);
  const more = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `content-type: ${contentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\n` +
      `${more.join('')}connection: close\r\n\r\n${String(body)}`,
  );
  // At once would reset a connection whose client is still sending, and the answer would be lost. Never
  // would let it stay for good: Node's time limits do not look at it again.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
