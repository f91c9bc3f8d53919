import { Agent } from 'node:http';

import { askGateway, type GatewayRequest } from './gateway.ts';

/** Load that goes on until it is stopped. */
export interface SteadyLoad {
  /** Stops sending, waits for the answers, and says what came of it. */
  stop(): Promise<LoadResult>;
}

/** What came of a load. */
export interface LoadResult {
  readonly sent: number;
  readonly durationMs: number;
  /** One line per request that was not answered as it must be. */
  readonly faults: readonly string[];
  /** Answer times in milliseconds, rising. */
  readonly answerMs: readonly number[];
}

/**
 * Sends requests at a fixed rate, whether or not earlier ones are answered: every second one over kept
 * connections, the others each over a new one.
 * @param check Throws when an answer is not right; called for every answer with status 2xx.
 */
export function startLoad(
  gateway: string,
  ask: GatewayRequest,
  options: { readonly perSecond: number; readonly check: (body: string) => void },
): SteadyLoad {
  const kept = new Agent({ keepAlive: true });
  const pending = new Set<Promise<void>>();
  const faults: string[] = [];
  const answerMs: number[] = [];
  const startMs = performance.now();
  let sent = 0;

  const send = async (number: number): Promise<void> => {
    const way = number % 2 === 0 ? 'kept' : 'new';
    const at = `#${number} (${way} connection, ${((performance.now() - startMs) / 1000).toFixed(1)} s)`;
    try {
      const answer = await askGateway(gateway, { ...ask, agent: way === 'kept' ? kept : false });
      if (answer.status < 200 || answer.status > 299) {
        throw new Error(`status ${answer.status}: ${answer.body.slice(0, 200)}`);
      }
      options.check(answer.body);
      answerMs.push(answer.durationMs);
    } catch (cause) {
      faults.push(`${at}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };

  const timer = setInterval(() => {
    // A late timer catches up, so that the rate is kept on average.
    const due = ((performance.now() - startMs) / 1000) * options.perSecond;
    for (; sent < due; sent++) {
      const one = send(sent).finally(() => pending.delete(one));
      pending.add(one);
    }
  }, 1000 / options.perSecond);

  return {
    async stop() {
      clearInterval(timer);
      const durationMs = performance.now() - startMs;
      await Promise.all(pending);
      kept.destroy();
      return { sent, durationMs, faults, answerMs: answerMs.toSorted((a, b) => a - b) };
    },
  };
}
