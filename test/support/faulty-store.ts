import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one answer. Offsets count bytes of its body. */
export type Fault =
  /** An answer of the proxy's own, in S3's form; the store is not asked. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** All headers and `bytes` of the body, then the connection closes in good order. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The same, with a reset (RST). */
  | { readonly kind: 'reset'; readonly bytes: number }
  /** The same, then nothing, with the connection open. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** A complete answer, `Content-Length` included, that lacks the object's last byte. */
  | { readonly kind: 'shorten' }
  /** One bit of the body is another one. */
  | { readonly kind: 'flip'; readonly at: number }
  /** The body comes in pieces of `bytes`, one every `everyMs`. */
  | { readonly kind: 'slow'; readonly bytes: number; readonly everyMs: number };

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A store with faults, in front of one without. */
export interface FaultyStore {
  readonly endpoint: string;
  readonly seen: readonly SeenRequest[];
  /** The next answers to requests whose path ends so go wrong, one fault each; later ones are right. */
  inject(pathEnd: string, ...faults: Fault[]): void;
  /** Requests whose path ends so, in order. */
  requestsFor(pathEnd: string): readonly SeenRequest[];
  close(): Promise<void>;
}

/**
 * An HTTP proxy on a free port in front of the S3 server at `target`. It passes the `Host` header on, so that
 * signatures stay valid.
 */
export async function startFaultyStore(target: string): Promise<FaultyStore> {
  const seen: SeenRequest[] = [];
  const planned = new Map<string, Fault[]>();
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const path = decodeURIComponent(url.split('?')[0] ?? '');
    seen.push({ method, path, headers });
    const [, faults] = [...planned].find(([end]) => path.endsWith(end)) ?? [];
    const fault = faults?.shift();
    if (fault?.kind === 'status') refuse(response, fault);
    else forward(target, incoming, response, fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    inject: (pathEnd, ...faults) =>
      void planned.set(pathEnd, [...(planned.get(pathEnd) ?? []), ...faults]),
    requestsFor: (pathEnd) => seen.filter(({ path }) => path.endsWith(pathEnd)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(response: ServerResponse, { status, code }: Fault & { kind: 'status' }): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}

function forward(
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Exclude<Fault, { kind: 'status' }> | undefined,
): void {
  const outgoing = request(target + (incoming.url ?? '/'), {
    method: incoming.method,
    headers: incoming.headers,
  });
  outgoing.once('response', (answer: IncomingMessage) => {
    void relay(answer, response, fault);
  });
  outgoing.once('error', () => response.destroy());
  incoming.pipe(outgoing);
}

async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: Exclude<Fault, { kind: 'status' }> | undefined,
): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
  const { statusCode = 500, headers } = answer;
  if (fault === undefined) {
    response.writeHead(statusCode, headers).end(body);
    return;
  }
  if (fault.kind === 'shorten') {
    const shorter = body.subarray(0, -1);
    response.writeHead(statusCode, { ...headers, 'content-length': shorter.length }).end(shorter);
    return;
  }
  response.writeHead(statusCode, headers);
  switch (fault.kind) {
    case 'flip': {
      const flipped = Buffer.from(body);
      flipped[fault.at] = (flipped[fault.at] ?? 0) ^ 1;
      response.end(flipped);
      break;
    }
    case 'slow':
      await writeSlowly(response, body, fault);
      break;
    default:
      // The callback runs when the bytes are with the system: before that a reset would discard them.
      response.write(body.subarray(0, fault.bytes), () => cutOff(response, fault.kind));
  }
}

function cutOff(response: ServerResponse, kind: 'truncate' | 'reset' | 'stall'): void {
  if (kind === 'truncate') response.socket?.destroySoon();
  if (kind === 'reset') response.socket?.resetAndDestroy();
}

async function writeSlowly(
  response: ServerResponse,
  body: Buffer,
  { bytes, everyMs }: Fault & { kind: 'slow' },
): Promise<void> {
  for (let at = 0; at < body.length; at += bytes) {
    if (response.destroyed) return;
    response.write(body.subarray(at, at + bytes));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end();
}
