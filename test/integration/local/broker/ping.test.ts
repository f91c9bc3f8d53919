import { expect, test } from 'vitest';

import { startPing } from '../../../../knative/local/broker/ping.ts';
import type { PingSpec } from '../../../../knative/local/manifests/eventing-spec.ts';
import { startReceiver } from '../../../support/event-receiver.ts';

const spec: PingSpec = {
  namespace: 'dev',
  name: 'tick',
  schedule: '*/5 * * * *',
  contentType: 'application/json',
  data: Buffer.from('{"a":1}'),
  extensions: { expirytime: '2030-01-01T00:00:00Z' },
  sink: { kind: 'address', url: 'unused' },
};

test('an event is sent at each minute of the schedule, and none after the end', async () => {
  await using receiver = await startReceiver();
  let now = Date.parse('2026-11-21T16:02:30Z');
  const waits: number[] = [];
  const over = new Promise<void>(() => undefined);
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    if (waits.length > 2) return over;
    // A timer that fires a little early must not send twice.
    now += waits.length === 1 ? ms : ms + 3;
  };

  const ping = startPing(spec, {
    url: receiver.url,
    log: (line) => expect.unreachable(line),
    now: () => new Date(now),
    wait,
  });
  const events = (await receiver.until(2)).map(({ event }) => event);
  ping[Symbol.dispose]();

  expect(waits.slice(0, 2)).toEqual([150_000, 300_000]);
  expect(events.map(({ time }) => String(time)).toSorted()).toEqual([
    '2026-11-21T16:05:00.000Z',
    '2026-11-21T16:10:00.000Z',
  ]);
  expect(events[0]).toMatchObject({
    type: 'dev.knative.sources.ping',
    source: '/apis/v1/namespaces/dev/pingsources/tick',
    expirytime: '2030-01-01T00:00:00Z',
    data: { a: 1 },
  });
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

test('a sink that refuses is said', async () => {
  await using receiver = await startReceiver(() => ({ status: 400 }));
  const said = Promise.withResolvers<string>();
  let now = Date.parse('2026-11-21T16:04:59Z');
  let waits = 0;
  const ping = startPing(spec, {
    url: receiver.url,
    log: said.resolve,
    now: () => new Date(now),
    wait: async (ms) => {
      waits += 1;
      if (waits > 1) await new Promise(() => undefined);
      now += ms;
    },
  });

  expect(await said.promise).toMatch(/PingSource tick: .* answered 400/);
  ping[Symbol.dispose]();
});
