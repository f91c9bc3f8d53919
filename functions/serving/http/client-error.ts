import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { InferenceEngineError } from '../../runtime/errors.ts';
import { parserError } from '../../runtime/parser-error.ts';
import type { Answered } from './answered.ts';
import type { RequestContext } from './request-context.ts';
import { errorReply, send } from './respond.ts';
import { errorForm } from './route.ts';
import type { ErrorForm } from './route.ts';

/** The latest request of each connection. */
export type Exchanges = WeakMap<object, [IncomingMessage, ServerResponse, RequestContext]>;

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
  destroyLater(socket);
}

/** Connections that were given up. Node's parser gives up on every further chunk anew. */
const givenUp = new WeakSet<Socket>();

function destroyLater(socket: Duplex): void {
  // At once would reset a connection whose client is still sending, and the answer would be lost. Never
  // would let it stay for good: Node's time limits do not look at it again.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Answers what Node's parser gives up on, where there is somebody who is owed an answer. */
export function answerClientError(
  cause: NodeJS.ErrnoException,
  socket: Socket,
  exchanges: Exchanges,
  onAnswer: (answered: Answered) => void,
): void {
  const error = parserError(cause);
  // What a client goes on sending is read and thrown away: to close with it unread would be a reset, which
  // overtakes the answer.
  if (error !== undefined && givenUp.has(socket)) return;
  givenUp.add(socket);
  const [request, response, context] = exchanges.get(socket) ?? [];
  // A connection that has sent nothing is owed nothing, not even 408: a client that opened it ahead of
  // time would take that for the answer to its first request.
  if (error === undefined || !socket.writable || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  if (request === undefined || response === undefined || context === undefined) {
    answerSocket(socket, error, crypto.randomUUID(), 'typed');
    return;
  }
  if (!request.complete) {
    // The fault is in this request: its own answer, unless there is one already.
    if (response.headersSent) {
      const close = (): void => {
        socket.end();
        destroyLater(socket);
      };
      // It may still wait behind the answers to earlier requests.
      if (response.writableFinished) close();
      else response.once('finish', close);
      return;
    }
    const form = errorForm(context.path, context.method);
    if (response.socket === null) {
      // Behind the answers to earlier requests.
      response.shouldKeepAlive = false;
      send(response, context, errorReply(error, context.requestId, form));
    } else answerSocket(socket, error, context.requestId, form);
    const { status } = error;
    onAnswer({ context, match: undefined, status, startedMs: performance.now(), cause: error });
    return;
  }
  // The fault is in what follows a whole request, whose answer goes first.
  const refuse = (): void => answerSocket(socket, error, crypto.randomUUID(), 'typed');
  if (response.writableFinished) refuse();
  else response.once('finish', refuse);
}
