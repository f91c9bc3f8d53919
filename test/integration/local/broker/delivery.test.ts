import { describe, expect, it } from 'vitest';

import type { DeliverySpec } from '../../../../knative/local/manifests/eventing-spec.ts';
import { startReceiver } from '../../../support/event-receiver.ts';
import type { ReceiverAnswer } from '../../../support/event-receiver.ts';
import {
  brokerWith,
  ONCE,
  postEvent,
  startBroker,
  triggerTo,
} from '../../../support/local-eventing.ts';

/** Pauses that end at once; their lengths. */
function recordedWaits() {
  const waits: number[] = [];
  return { waits, wait: async (ms: number): Promise<void> => void waits.push(ms) };
}

const JSON_REPLY = {
  'ce-specversion': '1.0',
  'ce-id': 'reply',
  'ce-source': '/replier',
  'ce-type': 'reply.v1',
  'content-type': 'application/json',
};
const queueOf = (broker: Awaited<ReturnType<typeof startBroker>>, trigger = 'trigger') =>
  broker.eventing.status()[0]!.triggers.find((one) => one.trigger === trigger);

describe('delivery', () => {
  it('gives each trigger what passes its filters, with what brokers add', async () => {
    await using all = await startReceiver();
    await using some = await startReceiver();
    await using broker = await startBroker(
      brokerWith(
        triggerTo(`${all.url}/path`, { name: 'all' }),
        triggerTo(some.url, { name: 'some', filters: [{ exact: { model: 'iris' } }] }),
      ),
    );

    await postEvent(broker.url, {
      'ce-id': 'a',
      'ce-model': 'text',
      'x-request-id': 'r',
      traceparent: '00-a',
      'x-other': 'no',
    });
    await postEvent(broker.url, { 'ce-id': 'b', 'ce-model': 'iris', 'ce-subject': '%C3%A9%20%25' });

    const [first] = await all.until(2);
    const [only] = await some.until(1);
    expect(first!.event).toMatchObject({
      id: 'a',
      model: 'text',
      data: { a: 1 },
      knativearrivaltime: expect.any(String),
    });
    expect(first!.event).not.toHaveProperty('knativebrokerttl');
    expect(first!.headers).toMatchObject({
      prefer: 'reply',
      'kn-namespace': 'ns',
      'x-request-id': 'r',
      traceparent: '00-a',
    });
    expect(first!.headers).not.toHaveProperty('x-other');
    expect(first!.path).toBe('/path');
    expect(only!.event).toMatchObject({ id: 'b', subject: 'é %' });
    expect(some.seen).toHaveLength(1);
  });

  it('sends in structured mode where the trigger says so', async () => {
    await using receiver = await startReceiver();
    const delivery = { ...ONCE, format: 'json' } as const;
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url, { delivery })));

    await postEvent(broker.url, { 'content-type': 'image/png' }, Buffer.from([0, 255]));

    const [one] = await receiver.until(1);
    expect(one!.headers['content-type']).toContain('application/cloudevents+json');
    expect(one!.event.data).toEqual(Buffer.from([0, 255]));
  });

  it('passes on what the event says to the last digit', async () => {
    await using receiver = await startReceiver();
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url)));
    const time = '2016-12-31T23:59:60.123456789+01:00';

    await postEvent(broker.url, { 'ce-time': time, 'ce-long': 'x'.repeat(300), 'ce-quote': '%22' });

    const [one] = await receiver.until(1);
    expect(one!.event).toMatchObject({ time, long: 'x'.repeat(300), quote: '"' });
  });

  it('tries again as the trigger says, and lets other events pass meanwhile', async () => {
    await using receiver = await startReceiver(({ event }, count) => ({
      status: event.id === 'bad' && count < 5 ? 503 : 202,
    }));
    const held = Promise.withResolvers<void>();
    const waits: number[] = [];
    const wait = async (ms: number): Promise<void> => {
      waits.push(ms);
      if (waits.length === 3) await held.promise;
    };
    const delivery: DeliverySpec = { ...ONCE, retry: 4 };
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url, { delivery })), {
      wait,
    });

    await postEvent(broker.url, { 'ce-id': 'bad' });
    await receiver.until(3);
    await postEvent(broker.url, { 'ce-id': 'good' });
    const [, , , fourth] = await receiver.until(4);
    held.resolve();
    await receiver.until(5);

    expect(fourth!.event.id).toBe('good');
    expect(waits).toEqual([200, 400, 800]);
    await expect
      .poll(() => queueOf(broker))
      .toMatchObject({ pending: 0, delivered: 2, dropped: 0 });
  });

  it.each<[string, ReceiverAnswer, number, number, string | undefined]>([
    ['what is refused, at once', { status: 400, body: 'no' }, 1, 400, 'no'],
    ['a redirect, at once', { status: 302 }, 1, 302, undefined],
    ['what stays impossible', { status: 500, body: 'oops' }, 3, 500, 'oops'],
    [
      'an answer that is no event',
      { status: 200, body: '{"ok":true}' },
      3,
      502,
      'the answer is neither empty nor a CloudEvent',
    ],
    [
      'an answer that is not a valid event',
      { status: 200, headers: { ...JSON_REPLY, 'ce-specversion': '2' } },
      3,
      502,
      undefined,
    ],
    ['long explanations, cut', { status: 400, body: 'x'.repeat(2000) }, 1, 400, undefined],
  ])('sends to the dead letter sink: %s', async (_what, answer, attempts, code, said) => {
    await using receiver = await startReceiver(() => answer);
    await using sink = await startReceiver();
    const { wait } = recordedWaits();
    const delivery: DeliverySpec = {
      ...ONCE,
      retry: 2,
      deadLetterSink: { kind: 'address', url: sink.url },
    };
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url, { delivery })), {
      wait,
    });

    await postEvent(broker.url, { 'ce-id': 'dead' });
    const [letter] = await sink.until(1);

    expect(receiver.seen).toHaveLength(attempts);
    expect(letter!.event).toMatchObject({
      id: 'dead',
      source: '/test',
      data: { a: 1 },
      knativeerrordest: receiver.url,
      knativeerrorcode: String(code),
    });
    const data = (letter!.event['knativeerrordata'] ?? '') as string;
    expect(data.length).toBeLessThanOrEqual(1024);
    if (said !== undefined) expect(Buffer.from(data, 'base64').toString()).toBe(said);
    await expect
      .poll(() => queueOf(broker))
      .toMatchObject({ pending: 0, deadLettered: 1, dropped: 0 });
  });

  it('tells the dead letter sink of a receiver that is not there', async () => {
    await using sink = await startReceiver();
    const delivery: DeliverySpec = { ...ONCE, deadLetterSink: { kind: 'address', url: sink.url } };
    await using broker = await startBroker(
      brokerWith(triggerTo('http://127.0.0.1:2/', { delivery })),
    );

    await postEvent(broker.url);

    const [letter] = await sink.until(1);
    expect(letter!.event).toMatchObject({ knativeerrorcode: '500' });
    expect(Buffer.from(String(letter!.event['knativeerrordata']), 'base64').toString()).toContain(
      'ECONNREFUSED',
    );
  });

  it('tries the dead letter sink again too, and says what it drops in the end', async () => {
    await using sink = await startReceiver(() => ({ status: 503 }));
    const { wait } = recordedWaits();
    const delivery: DeliverySpec = {
      ...ONCE,
      retry: 2,
      deadLetterSink: { kind: 'address', url: sink.url },
    };
    await using broker = await startBroker(
      brokerWith(triggerTo('http://127.0.0.1:2/', { delivery })),
      { wait },
    );

    await postEvent(broker.url, { 'ce-id': 'lost' });

    await expect.poll(() => queueOf(broker)).toMatchObject({ pending: 0, dropped: 1 });
    expect(sink.seen).toHaveLength(3);
    expect(broker.lines.at(-1)).toMatch(/lost.* is dropped: the dead letter sink .* answered 503/);
  });

  it('gives up an attempt after its timeout', async () => {
    await using sink = await startReceiver();
    await using receiver = await startReceiver(() => new Promise<ReceiverAnswer>(() => undefined));
    const delivery: DeliverySpec = {
      ...ONCE,
      timeoutMs: 50,
      deadLetterSink: { kind: 'address', url: sink.url },
    };
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url, { delivery })));

    await postEvent(broker.url);

    const [letter] = await sink.until(1);
    expect(Buffer.from(String(letter!.event['knativeerrordata']), 'base64').toString()).toMatch(
      /timeout|aborted/i,
    );
  });
});

describe('a reply', () => {
  it('enters the broker, in either mode', async () => {
    const structured = {
      specversion: '1.0',
      id: 'second',
      source: '/replier',
      type: 'reply.v1',
      data: 2,
    };
    await using replier = await startReceiver(({ event }) =>
      event.id === '1'
        ? { status: 200, headers: JSON_REPLY, body: '{"b":2}' }
        : {
            status: 200,
            headers: { 'content-type': 'application/cloudevents+json' },
            body: JSON.stringify(structured),
          },
    );
    await using listener = await startReceiver();
    await using broker = await startBroker(
      brokerWith(
        triggerTo(replier.url, { name: 'replier', filters: [{ exact: { type: 'test.v1' } }] }),
        triggerTo(listener.url, { name: 'listener', filters: [{ exact: { type: 'reply.v1' } }] }),
      ),
    );

    await postEvent(broker.url, { 'ce-id': '1' });
    await listener.until(1);
    await postEvent(broker.url, { 'ce-id': '2' });
    const [first, second] = await listener.until(2);

    expect(first!.event).toMatchObject({ id: 'reply', source: '/replier', data: { b: 2 } });
    expect(second!.event).toMatchObject({ id: 'second', data: 2 });
  });

  it('to its own kind ends when its hops are used up', async () => {
    await using looping = await startReceiver(({ event }, count) => ({
      status: 200,
      headers: { ...JSON_REPLY, 'ce-type': 'test.v1', 'ce-id': `${event.id}.${count}` },
      body: '{}',
    }));
    await using broker = await startBroker(brokerWith(triggerTo(looping.url)));

    await postEvent(broker.url, { 'ce-knativebrokerttl': '5' });

    await expect
      .poll(() => broker.lines.join('\n'))
      .toMatch(/is dropped: The event has been passed on too often/);
    expect(looping.seen).toHaveLength(4);
    await expect.poll(() => queueOf(broker)).toMatchObject({ pending: 0, delivered: 4 });
  });
});
