import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request that arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What it was answered with. */
  readonly status: number;
}

/** A receiver of webhooks. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** In the order of arrival. */
  readonly received: readonly Received[];
  /** Resolves once `isEnough` holds of everything received so far. */
  until(isEnough: (received: readonly Received[]) => boolean): Promise<void>;
}

/** Starts a receiver that answers what `answer` says.  */
export async function startWebhookReceiver(
  answer: (body: string, attempt: number) => number = () => 200,
): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const arrivals = new EventEmitter();
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const status = answer(body, received.length);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body, status });
    response.writeHead(status).end();
    arrivals.emit('arrival');
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3-events`,
    received,
    async until(isEnough) {
      while (!isEnough(received)) await once(arrivals, 'arrival');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
