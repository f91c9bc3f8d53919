import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

import type { Lease } from '../scaler/worker.ts';
import type { Deadline } from './deadline.ts';
import {
  endToEndHeaders,
  forwardedHeaders,
  replacedHeaders,
  routeHeaders,
  withoutHeaders,
  type Route,
} from './headers.ts';

/** The process did not answer, or not to the end. */
export class UpstreamError extends Error {
  override readonly name: string = 'UpstreamError';
}

/** Nobody listens there any more: the request has not been read and can go elsewhere. */
export class NotConnectedError extends UpstreamError {
  override readonly name = 'NotConnectedError';
}

/**
 * Forwards one request to the process of `lease` and streams both bodies, nothing is kept in memory.
 * Resolves when the answer has been passed on.
 * @throws {NotConnectedError} When there is no connection; nothing of the request has been read then.
 * @throws {UpstreamError} When the connection to the process fails.
 * @throws The deadline's reason when it ends the request.
 */
export function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { path, route }: { readonly path: string; readonly route: Route },
  lease: Lease,
  deadline: Deadline,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const upstream = httpRequest({
      host: '127.0.0.1',
      port: lease.port,
      agent: lease.agent,
      method: request.method,
      path,
      headers: [
        ...withoutHeaders(endToEndHeaders(request), [
          'x-forwarded-for',
          'content-length',
          ...replacedHeaders(route),
        ]),
        ...forwardedHeaders(request),
        ...routeHeaders(route),
        ...bodyHeaders(request),
        // HTTP/1.0 has none, and what we send is 1.1.
        ...(request.httpVersion === '1.0' && request.headers.host === undefined
          ? ['Host', 'localhost']
          : []),
      ],
      setHost: false,
    });
    const stop = (): void => {
      upstream.destroy(deadline.signal.reason as Error);
    };
    const settle = (end: () => void): void => {
      deadline.signal.removeEventListener('abort', stop);
      // What is left of the body is read and dropped, so that the connection can go on. Node would do it, but
      // not for a body that somebody has begun to read: a full pipe leaves that one paused.
      request.unpipe(upstream);
      request.resume();
      end();
    };
    const fail = (cause: Error): void =>
      settle(() => {
        reject(deadline.signal.aborted ? (deadline.signal.reason as Error) : upstreamError(cause));
      });

    deadline.signal.addEventListener('abort', stop, { once: true });
    upstream.on('continue', () => response.writeContinue());
    upstream.on('error', fail);
    upstream.on('response', (answer) => {
      deadline.started();
      passOn(answer, response, fail, () => settle(resolve));
    });
    request.on('end', () => {
      const trailers = pairs(request.rawTrailers);
      if (trailers.length > 0) upstream.addTrailers(trailers);
    });
    const send = (): void => {
      request.pipe(upstream);
      // A client that asked first sends no body, so nothing else would send the head.
      if (request.headers.expect !== undefined) upstream.flushHeaders();
    };
    upstream.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', send);
      else send();
    });
    if (deadline.signal.aborted) stop();
  });
}

function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  fail: (cause: Error) => void,
  done: () => void,
): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEndHeaders(answer));
  // Without this the head would wait for the first byte of the body: a stream that begins slowly.
  response.flushHeaders();
  answer.on('error', fail);
  answer.on('end', () => {
    const trailers = pairs(answer.rawTrailers);
    if (trailers.length > 0) response.addTrailers(trailers);
    done();
  });
  answer.pipe(response);
}

/** How the body is framed on the next hop: with its length when it is known, else in chunks. */
function bodyHeaders({ headers }: IncomingMessage): string[] {
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked'];
  const length = headers['content-length'];
  return length === undefined ? [] : ['Content-Length', length];
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as [string, string]] : [],
  );
}

function upstreamError(cause: Error): UpstreamError {
  const isRefused = (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  const Kind = isRefused ? NotConnectedError : UpstreamError;
  return new Kind(`the process did not answer: ${cause.message}`, { cause });
}
