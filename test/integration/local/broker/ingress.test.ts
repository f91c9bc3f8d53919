import { once } from 'node:events';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startReceiver } from '../../../support/event-receiver.ts';
import type { EventReceiver } from '../../../support/event-receiver.ts';
import { brokerWith, postEvent, startBroker, triggerTo } from '../../../support/local-eventing.ts';
import type { TestBroker } from '../../../support/local-eventing.ts';

let receiver: EventReceiver;
let broker: TestBroker;
const origin = (): string => new URL(broker.url).origin;

beforeAll(async () => {
  receiver = await startReceiver();
  broker = await startBroker(brokerWith(triggerTo(receiver.url)));
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

// The assertions of knative/eventing's TestBrokerConformance (test/rekt/features/broker/data_plane.go), and more.
describe('a broker', () => {
  it.each([
    ['binary', { 'ce-id': 'binary' }, '{"a":1}'],
    [
      'structured',
      { 'content-type': 'application/cloudevents+json' },
      JSON.stringify({
        specversion: '1.0',
        id: 'structured',
        source: '/s',
        type: 't',
        data: { a: 1 },
      }),
    ],
  ])('takes an event in %s mode and passes it on as version 1.0', async (mode, headers, body) => {
    const send =
      mode === 'binary'
        ? postEvent(broker.url, headers, body)
        : fetch(broker.url, { method: 'POST', headers, body });

    const answer = await send;

    expect([answer.status, await answer.text()]).toEqual([202, '']);
    await expect
      .poll(() => receiver.seen.find(({ event }) => event.id === mode)?.event)
      .toMatchObject({
        specversion: '1.0',
        id: mode,
        data: { a: 1 },
      });
  });

  it('takes a slash at the end', async () => {
    expect((await postEvent(`${broker.url}/`)).status).toBe(202);
  });

  it.each([
    ['another version', { 'ce-specversion': '19.0' }],
    ['an id that is empty', { 'ce-id': '' }],
    ['a hop too many', { 'ce-knativebrokerttl': '1' }],
  ])('refuses %s with 400', async (_what, headers) => {
    expect((await postEvent(broker.url, headers)).status).toBe(400);
  });

  it('refuses what is no event, and batches, with 400', async () => {
    const batch = { 'content-type': 'application/cloudevents-batch+json' };

    const plain = await fetch(broker.url, { method: 'POST', body: '{}' });
    const several = await fetch(broker.url, { method: 'POST', headers: batch, body: '[]' });

    expect([plain.status, several.status]).toEqual([400, 400]);
    expect(await plain.json()).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
  });

  it('refuses an event above 1 MiB with 413', async () => {
    const exact = '0'.repeat(1024 * 1024 - 2);

    expect((await postEvent(broker.url, {}, `"${exact}"`)).status).toBe(202);
    expect((await postEvent(broker.url, {}, `"${exact}0"`)).status).toBe(413);
  });

  it('answers OPTIONS, and nothing but POST beside it', async () => {
    const options = await fetch(broker.url, { method: 'OPTIONS' });
    const get = await fetch(broker.url);

    expect([options.status, options.headers.get('webhook-allowed-origin')]).toEqual([200, '*']);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  it.each([
    ['/', 404],
    ['/ns/other', 404],
    ['/other/default', 404],
    ['/ns', 400],
    ['/ns/default/more', 400],
  ])('answers %s with %i', async (path, status) => {
    expect((await postEvent(`${origin()}${path}`)).status).toBe(status);
  });
});

it('closes without waiting for connections that never asked', async () => {
  const own = await startBroker(brokerWith(triggerTo(receiver.url)));
  const silent = connect(Number(new URL(own.url).port), '127.0.0.1');
  await once(silent, 'connect');
  const ended = once(silent, 'close');

  await own[Symbol.asyncDispose]();

  await expect(ended).resolves.toEqual([false]);
});
