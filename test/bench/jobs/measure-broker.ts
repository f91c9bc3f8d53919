import { publish } from '../../../events/publish.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { startHelper } from './helper.ts';
import type { Helper } from './helper.ts';

/** A broker in a process of its own; events of the bench's type come back to this one. */
export interface BenchBroker extends AsyncDisposable {
  readonly url: string;
  /** Events per second, from the first one published until the last one is delivered. */
  eventsPerSecond(events: number): Promise<number>;
}

/** As many as a busy publisher has under way. */
const AT_ONCE = 32;

/** Starts the broker, and what its trigger delivers to. */
export async function startBenchBroker(): Promise<BenchBroker> {
  const receiver = await startWebhookReceiver();
  let helper: Helper;
  try {
    helper = await startHelper('broker-process.ts', { receiver: receiver.url });
  } catch (cause) {
    await receiver[Symbol.asyncDispose]();
    throw cause;
  }
  const url = String(await helper.ask('url'));
  return {
    url,
    async eventsPerSecond(events) {
      const before = receiver.received.length;
      let next = 0;
      const send = async (): Promise<void> => {
        while (next < events) {
          next += 1;
          const parts = { type: 'dev.pilotlight.bench.v1', source: '/bench', data: { n: next } };
          await publish({ ...parts, id: crypto.randomUUID() }, { url });
        }
      };
      const startedMs = performance.now();
      await Promise.all(Array.from({ length: AT_ONCE }, send));
      await receiver.until(({ length }) => length >= before + events);
      return (1000 * events) / (performance.now() - startedMs);
    },
    async [Symbol.asyncDispose]() {
      await helper[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}
