import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call to the store, before or after it has had its effect. */
export interface StoreStep {
  readonly method: string;
  /** Of the object, decoded; empty for calls to the bucket. */
  readonly key: string;
  readonly when: 'before' | 'after';
}

/** What to do at a step: let it pass, or let the caller never hear of it. */
export type StoreFate = 'go on' | 'cut';

/** A store whose calls can be watched and cut. */
export interface StoreProxy extends AsyncDisposable {
  readonly endpoint: string;
}

/**
 * An HTTP proxy in front of an object store; `decide` is asked at both sides of every call, and may take its time: the
 * call stands still meanwhile.
 */
export async function startStoreProxy(
  endpoint: string,
  decide: (step: StoreStep) => StoreFate | Promise<StoreFate>,
): Promise<StoreProxy> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((request, response) => {
    void forward(request, response).catch(() => response.destroy());
  });

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const [, , ...rest] = (url.split('?')[0] ?? '').split('/');
    const key = decodeURIComponent(rest.join('/'));
    if ((await decide({ method, key, when: 'before' })) === 'cut') return void request.destroy();
    // The signature covers the host that the caller knows.
    const upstream = send({ hostname, port, method, path: url, headers });
    request.pipe(upstream);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    const body = await Array.fromAsync(answer as AsyncIterable<Buffer>);
    if ((await decide({ method, key, when: 'after' })) === 'cut') return void request.destroy();
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.end(Buffer.concat(body));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
