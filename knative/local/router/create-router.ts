import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import {
  InferenceEngineError,
  MethodNotAllowedError,
  ShuttingDownError,
} from '../../../functions/runtime/errors.ts';
import { parserError } from '../../../functions/runtime/parser-error.ts';
import { ServiceBusyError } from '../scaler/service-busy-error.ts';
import { watchSilentConnections } from '../silent-connections.ts';
import type { RevisionScaler } from '../scaler/revision-scaler.ts';
import type { LocalService } from '../traffic/local-service.ts';
import { answerError, answerJson, answerText, type RouterError } from './answer.ts';
import { ClientGoneError, type Deadline, RequestExpiredError, watchDeadline } from './deadline.ts';
import type { Route } from './headers.ts';
import { NotConnectedError, proxyRequest, UpstreamError } from './proxy-request.ts';
import { routeRequest } from './route-request.ts';

/** The HTTP entrance to all Services. */
export interface Router {
  readonly port: number;
  /** Takes no new requests and resolves when those in flight have been answered. */
  drain(): Promise<void>;
  /** Cuts all connections. */
  kill(): void;
}

/** What the router needs. */
export interface RouterOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly services: ReadonlyMap<string, LocalService>;
  /** What `GET /_local` answers. */
  readonly status: () => unknown;
  /** @default 30,000 */
  readonly headTimeoutMs?: number;
}

/** Envoy's limit (60 KiB) and a little: the function's own, smaller one is to be met, not ours. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Longer than clients keep an idle connection, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 75_000;

/** How long a refused client may take to read the answer and close its side. */
const LINGER_MS = 1_000;
/** A request's head must be whole by then, as Envoy has it by default in Knative's gateways. */
const HEAD_TIMEOUT_MS = 30_000;
/** Processes that may be gone before one takes a request: a killed one is found out at the next turn. */
const MAX_ATTEMPTS = 5;

/**
 * Listens on 127.0.0.1 and forwards requests to the Services' processes, which start on demand.
 * @throws {Error} With `code` EADDRINUSE when the port is taken.
 */
export async function createRouter(options: RouterOptions): Promise<Router> {
  let isDraining = false;
  const open = new Set<Promise<void>>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (isDraining) response.setHeader('connection', 'close');
    const handled = handle(request, response, options, isDraining).finally(() => {
      open.delete(handled);
    });
    open.add(handled);
  };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      // The function bounds the time for a body (408); a second bound here would answer in its place.
      requestTimeout: 0,
      headersTimeout: options.headTimeoutMs ?? HEAD_TIMEOUT_MS,
      connectionsCheckingInterval: Math.min(1_000, options.headTimeoutMs ?? HEAD_TIMEOUT_MS),
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Without a Host a request may still have a path to a Service, which then says what it thinks of that.
      requireHostHeader: false,
    },
    onRequest,
  );
  const endSilent = watchSilentConnections(server);
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  server.on('connect', (_request, socket) => {
    // Node listens to this socket no more, and a reset that nobody hears ends the process.
    socket.on('error', () => undefined);
    refuse(socket, new MethodNotAllowedError('CONNECT is not served'));
  });
  server.on('clientError', refuseUnreadable);
  await listen(server, options.port);

  return {
    port: (server.address() as AddressInfo).port,
    async drain() {
      isDraining = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      while (open.size > 0) await Promise.all(open);
      endSilent();
      // The last answers leave before their connections are closed.
      server.closeIdleConnections();
      await closed;
    },
    kill: () => server.closeAllConnections(),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: RouterOptions,
  isDraining: boolean,
): Promise<void> {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  try {
    if (isDraining) throw new ShuttingDownError('The stand-in is stopping');
    await forward(request, response, options);
  } catch (cause) {
    answerFailure(request, response, cause);
  }
  if (!response.closed) await once(response, 'close').catch(() => undefined);
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { services, status }: RouterOptions,
): Promise<void> {
  const to = routeRequest([...services.values()], request.headers.host, request.url ?? '/');
  if (to.kind === 'status') return answerJson(response, 200, status());
  const service = to.kind === 'service' ? services.get(to.name) : undefined;
  if (to.kind === 'unknown' || service === undefined) {
    const names = [...services.keys()].join(', ') || 'none';
    return answerError(request, response, {
      status: 404,
      code: 'NOT_FOUND',
      message: `There is no Service here for this host and path; Services: ${names} (as /<service>/… or <service>.localhost)`,
    });
  }
  const tag = to.tag ?? request.headers['knative-serving-tag']?.toString();
  const isDefault = tag === undefined || !service.tags.includes(tag);
  const upstream = { path: to.path, route: { addressTag: to.tag, isDefault } };
  const scaler = service.choose(tag);
  const deadline = watchDeadline(response, scaler.revision);
  for (let attempt = 1; !(await forwardOnce(request, response, upstream, scaler, deadline));) {
    attempt += 1;
    if (attempt > MAX_ATTEMPTS) throw new UpstreamError('the process takes no connections');
  }
}

/** Whether the request was answered; `false` when its process turned out to be gone before it saw any of it. */
async function forwardOnce(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: { readonly path: string; readonly route: Route },
  scaler: RevisionScaler,
  deadline: Deadline,
): Promise<boolean> {
  const lease = await scaler.acquire(deadline.signal);
  let isBroken = false;
  try {
    await proxyRequest(request, response, upstream, lease, deadline);
    return true;
  } catch (cause) {
    isBroken = cause instanceof UpstreamError;
    if (cause instanceof NotConnectedError) return false;
    throw cause;
  } finally {
    lease.release(isBroken);
  }
}

/** An answer that has begun cannot become another one: its connection is cut, as queue-proxy does. */
function answerFailure(request: IncomingMessage, response: ServerResponse, cause: unknown): void {
  if (cause instanceof ClientGoneError) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (cause instanceof RequestExpiredError) return answerText(response, 504, cause.message);
  if (cause instanceof ServiceBusyError) return answerText(response, 503, cause.message);
  answerError(request, response, toRouterError(cause));
}

function toRouterError(cause: unknown): RouterError {
  if (cause instanceof InferenceEngineError) {
    const { status, code, message, retryAfterSeconds } = cause;
    return { status, code, message, retryAfterSeconds };
  }
  if (cause instanceof UpstreamError) {
    return { status: 502, code: 'BAD_GATEWAY', message: `Bad gateway: ${cause.message}` };
  }
  return { status: 500, code: 'INFERENCE_FAILED', message: 'The router failed' };
}

/** What could not be read as HTTP gets the same form of error; there is no request to answer. */
function refuseUnreadable(cause: Error & { code?: string }, socket: Duplex): void {
  const error = parserError(cause);
  // A connection that never sent a byte is owed no answer, not even 408.
  if (error === undefined || !socket.writable || (socket as Socket).bytesRead === 0) {
    socket.destroy();
    return;
  }
  refuse(socket, error);
}

function refuse(socket: Duplex, { status, code, message }: InferenceEngineError): void {
  const requestId = randomUUID();
  const body = JSON.stringify({ error: { code, message, request_id: requestId } });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\n` +
      `x-request-id: ${requestId}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // A client that keeps its side open must not hold the connection for good.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
