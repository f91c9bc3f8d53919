import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  InvalidRequestError,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  toInferenceEngineError,
} from '../../../functions/runtime/errors.ts';
import { receive } from '../../../events/receive.ts';
import { answerError } from '../router/answer.ts';
import { watchSilentConnections } from '../silent-connections.ts';
import { TtlExhaustedError, type Broker } from './broker.ts';

/** Where events come in. */
export interface Ingress {
  readonly port: number;
  /** Takes no more events; resolves when those under way have been answered. */
  close(): Promise<void>;
}

/** Knative's own ingress has no limit; Kafka's is this. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Headers that are passed on with an event. https://github.com/knative/eventing/blob/main/pkg/utils/headers.go */
const FORWARDED = /^(?:x-request-id|traceparent|tracestate|knative-.+|x-b3-.+)$/;
const METHODS = 'POST, OPTIONS';

/** Listens on a free port of 127.0.0.1: `POST /<namespace>/<broker>` takes an event and answers 202 once it is kept. */
export async function openIngress(
  find: (namespace: string, name: string) => Broker | undefined,
): Promise<Ingress> {
  const server = createServer((request, response) => {
    void handle(request, response, find).catch((cause: unknown) =>
      answerFailure(request, response, cause),
    );
  });
  const endSilent = watchSilentConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server, endSilent) };
}

async function close(server: Server, endSilent: () => void): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  endSilent();
  server.closeIdleConnections();
  await closed;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  find: (namespace: string, name: string) => Broker | undefined,
): Promise<void> {
  if (request.method === 'OPTIONS') {
    response.writeHead(200, {
      allow: METHODS,
      'webhook-allowed-origin': '*',
      'webhook-allowed-rate': '*',
    });
    response.end();
    return;
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', METHODS);
    throw new MethodNotAllowedError('Brokers take events by POST');
  }
  const [namespace, name] = brokerOf(request.url ?? '/');
  const body = await readBody(request);
  const { events } = receive({ headers: request.headers, body }, { batched: false, data: 'bytes' });
  const [event] = events;
  const broker = find(namespace, name);
  if (broker === undefined) throw new NotFoundError(`There is no Broker ${namespace}/${name}`);
  if (event !== undefined) await broker.take(event, forwarded(request));
  response.writeHead(202).end();
}

function brokerOf(url: string): [namespace: string, name: string] {
  const path = url.replace(/[?#].*$/s, '');
  if (path === '/') throw new NotFoundError('Brokers are at /<namespace>/<broker>');
  const [, namespace, name] = /^\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new InvalidRequestError('Brokers are at /<namespace>/<broker>');
  }
  return [namespace, name];
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) {
    throw new PayloadTooLargeError(`An event may have ${MAX_BODY_BYTES} bytes`);
  }
  return Buffer.concat(chunks);
}

function forwarded({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && FORWARDED.test(name) ? [[name, value] as const] : [],
    ),
  );
}

function answerFailure(request: IncomingMessage, response: ServerResponse, cause: unknown): void {
  // A client that has gone hears no answer.
  if (request.destroyed && !request.complete) return;
  const known = cause instanceof TtlExhaustedError ? new InvalidRequestError(cause.message) : cause;
  const { status, code, message, retryAfterSeconds } = toInferenceEngineError(known);
  // What the disk refuses now it may take later.
  const later = status === 500 ? 503 : status;
  answerError(request, response, { status: later, code, message, retryAfterSeconds });
}
