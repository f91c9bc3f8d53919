import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { receive } from '../../events/receive.ts';
import type { ReceivedEvent } from '../../events/wire/received-event.ts';

/** What came to a receiver. */
export interface Delivered {
  readonly event: ReceivedEvent['event'];
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
}

/** How it answers. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A receiver of events on a free port. */
export interface EventReceiver extends AsyncDisposable {
  readonly url: string;
  /** In the order in which they came. */
  readonly seen: readonly Delivered[];
  /** Resolves once it has seen so many. */
  until(count: number): Promise<readonly Delivered[]>;
}

/** Receives events and answers each as it is told: by default 202. */
export async function startReceiver(
  answer: (one: Delivered, count: number) => ReceiverAnswer | Promise<ReceiverAnswer> = () => ({
    status: 202,
  }),
): Promise<EventReceiver> {
  const seen: Delivered[] = [];
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const { events } = receive({ headers: request.headers, body }, { batched: false });
    const one = { event: events[0]!.event, headers: request.headers, path: request.url ?? '' };
    seen.push(one);
    heard.emit('event');
    const { status, headers = {}, body: text = '' } = await answer(one, seen.length);
    response.writeHead(status, headers).end(text);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async until(count) {
      while (seen.length < count) await once(heard, 'event');
      return seen;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
