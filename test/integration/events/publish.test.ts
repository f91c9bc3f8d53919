import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from 'vitest';

import { publish } from '../../../events/publish.ts';
import { receive } from '../../../events/receive.ts';

const event = {
  id: '1',
  source: '/s',
  type: 't',
  subject: 'é',
  data: { a: 1 },
  datacontenttype: 'application/json',
};
const servers: Server[] = [];

async function listen(onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ns/default`;
}

/** A receiver that answers with these, one after another, the last for good. */
async function answering(
  ...answers: (readonly [status: number, headers?: Record<string, string>])[]
) {
  const seen: Awaited<ReturnType<typeof receive>>[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push(
      receive({ headers: request.headers, body: await buffer(request) }, { batched: false }),
    );
    const [status, headers] = answers[Math.min(seen.length, answers.length) - 1]!;
    response.writeHead(status, headers).end();
  };
  const url = await listen((request, response) => void answer(request, response));
  return { url, seen };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Waits that end at once; their lengths. */
function recorded() {
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  return { waits, wait, random: () => 1, deadlineMs: 60_000 };
}

describe('publish()', () => {
  it.each(['binary', 'structured'] as const)('sends an event in %s mode', async (mode) => {
    const { url, seen } = await answering([202]);

    await publish(event, { url, mode });

    expect(seen).toHaveLength(1);
    expect(seen[0]!.events[0]!.event).toMatchObject(event);
  });

  it('tries again what may be taken later, with the same event, twice as late each time', async () => {
    const { url, seen } = await answering([503], [429], [404], [202]);
    const clock = recorded();

    await publish(event, { url, ...clock });

    expect(seen).toHaveLength(4);
    expect(new Set(seen.map(({ events }) => events[0]!.event.time)).size).toBe(1);
    expect(clock.waits).toEqual([100, 200, 400]);
  });

  it('waits as long as Retry-After says', async () => {
    const { url } = await answering([429, { 'retry-after': '2' }], [202]);
    const clock = recorded();

    await publish(event, { url, ...clock });

    expect(clock.waits).toEqual([2000]);
  });

  it('gives up at once when the receiver would come back only after the deadline', async () => {
    const { url, seen } = await answering([503, { 'retry-after': '60' }]);

    await expect(publish(event, { url, deadlineMs: 5000 })).rejects.toMatchObject({
      name: 'PublishError',
      status: 503,
      isTransient: true,
    });
    expect(seen).toHaveLength(1);
  });

  it.each([400, 401, 403, 413, 415, 302])('does not try %i again', async (status) => {
    const { url, seen } = await answering([status]);

    await expect(publish(event, { url, ...recorded() })).rejects.toMatchObject({
      status,
      isTransient: false,
    });
    expect(seen).toHaveLength(1);
  });

  it('gives up after its attempts', async () => {
    const { url, seen } = await answering([500]);

    await expect(publish(event, { url, ...recorded(), attempts: 3 })).rejects.toMatchObject({
      status: 500,
    });
    expect(seen).toHaveLength(3);
  });

  it('tries again when nobody listens', async () => {
    const clock = recorded();

    await expect(publish(event, { url: 'http://127.0.0.1:2/', ...clock })).rejects.toMatchObject({
      status: undefined,
      isTransient: true,
    });
    expect(clock.waits).toHaveLength(3);
  });

  it('ends at its deadline when there is no answer', async () => {
    const url = await listen(() => undefined);

    await expect(publish(event, { url, deadlineMs: 50 })).rejects.toMatchObject({
      isTransient: true,
    });
  });

  it('does not count on an answer that is not there yet: it waits for 2xx', async () => {
    let finish = (): void => undefined;
    const asked = Promise.withResolvers<void>();
    const url = await listen((_request, response) => {
      finish = () => void response.writeHead(202).end();
      asked.resolve();
    });
    let isDone = false;

    const published = publish(event, { url }).then(() => (isDone = true));
    await asked.promise;
    expect(isDone).toBe(false);
    finish();

    await expect(published).resolves.toBe(true);
  });
});
