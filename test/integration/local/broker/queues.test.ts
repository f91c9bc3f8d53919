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

const queueOf = (broker: Awaited<ReturnType<typeof startBroker>>, trigger = 'trigger') =>
  broker.eventing.status()[0]!.triggers.find((one) => one.trigger === trigger);

describe('many events', () => {
  it('are refused with 429 and Retry-After while too many wait, and taken again afterwards', async () => {
    const open = Promise.withResolvers<void>();
    await using receiver = await startReceiver(async () => {
      await open.promise;
      return { status: 202 };
    });
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url)), { maxEvents: 3 });

    const answers = [];
    for (const id of ['1', '2', '3', '4'])
      answers.push(await postEvent(broker.url, { 'ce-id': id }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
    expect(answers[3]!.headers.get('retry-after')).toBe('1');
    open.resolve();

    await expect.poll(() => queueOf(broker)).toMatchObject({ pending: 0, delivered: 3 });
    expect((await postEvent(broker.url, { 'ce-id': '4' })).status).toBe(202);
    await receiver.until(4);
  });

  it('are each delivered, 16 at a time', async () => {
    let now = 0;
    let most = 0;
    await using receiver = await startReceiver(async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return { status: 202 };
    });
    await using broker = await startBroker(brokerWith(triggerTo(receiver.url)));

    await Promise.all(
      Array.from({ length: 100 }, (_, id) => postEvent(broker.url, { 'ce-id': String(id) })),
    );
    await receiver.until(100);

    expect(new Set(receiver.seen.map(({ event }) => event.id)).size).toBe(100);
    expect(most).toBeLessThanOrEqual(16);
  });
});

describe('changed manifests', () => {
  it('move what is waiting to the trigger as it is now, and forget what a removed one waits for', async () => {
    const never = new Promise<ReceiverAnswer>(() => undefined);
    await using old = await startReceiver(() => ({ status: 503 }));
    await using next = await startReceiver();
    const delivery: DeliverySpec = { ...ONCE, retry: 5 };
    await using broker = await startBroker(
      brokerWith(triggerTo(old.url, { delivery }), triggerTo(old.url, { name: 'gone', delivery })),
      { wait: () => never as never },
    );
    await postEvent(broker.url, { 'ce-id': 'waits' });
    await old.until(2);
    await expect.poll(() => queueOf(broker)).toMatchObject({ pending: 1, inFlight: 0 });
    await expect.poll(() => queueOf(broker, 'gone')).toMatchObject({ inFlight: 0 });

    await broker.eventing.apply(brokerWith(triggerTo(next.url)));

    const [one] = await next.until(1);
    expect(one!.event.id).toBe('waits');
    expect(broker.eventing.status()[0]!.triggers.map(({ trigger }) => trigger)).toEqual([
      'trigger',
    ]);
  });
});
