import { describe, expect, it } from 'vitest';

import type { ReceivedEvent } from '../../../../events/wire/received-event.ts';
import { createEventWork } from '../../../../functions/serving/event-work.ts';

const EVENT = {
  event: { id: '1', source: '/test', type: 'test', specversion: '1.0' },
  bytes: undefined,
  contentType: undefined,
} as unknown as ReceivedEvent;

describe('createEventWork()', () => {
  it('opens its worker at the first event, once', async () => {
    let opened = 0;
    const taken: ReceivedEvent[] = [];
    const work = createEventWork(async () => {
      opened += 1;
      return { take: async (event) => void taken.push(event) };
    });

    expect(opened).toBe(0);
    await Promise.all([work.take(EVENT), work.take(EVENT)]);

    expect([opened, taken]).toEqual([1, [EVENT, EVENT]]);
  });

  it('has finished when what goes on is done, without an abort', async () => {
    const gate = Promise.withResolvers<void>();
    let isAborted: boolean | undefined;
    const work = createEventWork(async () => ({
      async take(_, signal) {
        await gate.promise;
        isAborted = signal.aborted;
      },
    }));
    const taking = work.take(EVENT);
    const finishing = work.finish(60_000);
    gate.resolve();

    await Promise.all([taking, finishing]);
    expect(isAborted).toBe(false);
  });

  it('tells what is not done in time to give up, and waits for that', async () => {
    const work = createEventWork(async () => ({
      take: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given back')));
        }),
    }));
    const taking = work.take(EVENT);
    taking.catch(() => {});

    await work.finish(5);

    await expect(taking).rejects.toThrow('given back');
  });

  it('has nothing to wait for when nothing goes on', async () => {
    const work = createEventWork(() => Promise.reject(new Error('not to be opened')));

    await expect(work.finish(60_000)).resolves.toBeUndefined();
  });
});
