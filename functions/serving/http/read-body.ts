import type { IncomingMessage } from 'node:http';

import { PayloadTooLargeError, UnsupportedMediaTypeError } from '../../runtime/errors.ts';
import { ClientGoneError } from '../../runtime/client-gone.ts';
import type { BodyClaim } from './body-budget.ts';
import { mediaTypeName } from './media-type.ts';
import { negotiate } from './negotiate.ts';
import type { Route } from './route.ts';

/**
 * Refuses a request by its head alone, before a byte of the body is read.
 * @throws {UnsupportedMediaTypeError} For a content encoding, or a media type the route does not read.
 * @throws {PayloadTooLargeError} When `Content-Length` is above the limit.
 * @throws {NotAcceptableError} When the route has no answer that the client accepts.
 */
export function checkHead(request: IncomingMessage, route: Route, maxBytes: number): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedMediaTypeError('Compressed bodies are not read: send it as it is');
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (route.accepts !== undefined) checkMediaType(request.headers['content-type'], route);
  if (route.produces !== undefined) negotiate(request.headers.accept, route.produces);
}

/**
 * The whole body. `claim` is raised with every byte that comes. Besides the body nothing of it is held: what comes
 * is put where it belongs, in memory that the system gives as it is written to.
 * @throws {PayloadTooLargeError} As soon as one byte more than `maxBytes` has come.
 * @throws {QueueFullError} When the claim cannot be raised.
 * @throws {ClientGoneError} When the connection ends first.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  claim: BodyClaim,
): Promise<Buffer> {
  // The listeners stay with the request, and that with its connection: they are not to keep the body.
  let waiting: PromiseWithResolvers<Buffer> | undefined = Promise.withResolvers();
  const { promise } = waiting;
  const body = createBody(Number(request.headers['content-length'] ?? 0));
  let size = 0;
  const stop = (error: Error): void => {
    request.removeAllListeners('data');
    waiting?.reject(error);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    try {
      if (size > maxBytes) throw tooLarge(maxBytes);
      claim.grow(size);
      body.push(chunk);
    } catch (cause) {
      stop(cause as Error);
    }
  });
  request.on('end', () => {
    waiting?.resolve(body.take());
    waiting = undefined;
  });
  request.on('error', (cause) => stop(new ClientGoneError('The connection broke', { cause })));
  request.on('close', () => {
    if (!request.complete) stop(new ClientGoneError('The connection closed'));
  });
  return promise;
}

/** Bodies of up to so many bytes, most of which come in one piece, are not copied before they are whole. */
const SMALL_BODY_BYTES = 64 * 1024;

/** Collects a body of `announced` bytes; 0 when nobody said how many. */
function createBody(announced: number): { push(chunk: Buffer): void; take(): Buffer } {
  let whole = announced > SMALL_BODY_BYTES ? Buffer.allocUnsafeSlow(announced) : undefined;
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      if (whole === undefined) chunks.push(chunk);
      else whole.set(chunk, size);
      size += chunk.length;
    },
    take() {
      const taken = whole ?? (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      whole = undefined;
      chunks = [];
      return taken;
    },
  };
}

/** Takes in and throws away what is left of a refused body, so that the client gets to read the answer. */
export function discardBody(request: IncomingMessage, maxBytes: number): void {
  if (request.complete) return;
  let size = 0;
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) request.socket.destroy();
  });
  request.on('error', () => {});
}

function tooLarge(maxBytes: number): PayloadTooLargeError {
  return new PayloadTooLargeError(`The body is larger than ${maxBytes} bytes`);
}

/**
 * Refuses a body by its media type.
 * @throws {UnsupportedMediaTypeError} When the route does not read it.
 */
export function checkMediaType(
  header: string | undefined,
  route: Pick<Route, 'accepts' | 'acceptsNoType'>,
): void {
  const { accepts = [], acceptsNoType = false } = route;
  if (header === undefined ? acceptsNoType : isAccepted(mediaTypeName(header), accepts)) {
    const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header ?? '')?.[1];
    if (charset === undefined || /^(utf-8|utf8|us-ascii)$/i.test(charset)) return;
    throw new UnsupportedMediaTypeError('The body must be UTF-8');
  }
  throw new UnsupportedMediaTypeError(`Send the body as ${accepts.join(' or ')}`);
}

/** Whether a media type is among those of a route, of which some may end in `/*`. */
function isAccepted(name: string, accepts: readonly string[]): boolean {
  return accepts.some((one) =>
    one.endsWith('/*') ? name.startsWith(one.slice(0, -1)) : name === one,
  );
}
