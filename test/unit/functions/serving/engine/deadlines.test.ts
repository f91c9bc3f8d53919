import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { InferenceTimeoutError } from '../../../../../functions/runtime/errors.ts';
import type { Engine } from '../../../../../functions/serving/engine/engine.ts';
import type { InferenceRequest } from '../../../../../functions/serving/engine/request.ts';
import {
  NEVER_MS,
  engineOf,
  failureOf,
  gatedRuns,
  request,
  turns,
} from '../../../../support/engine-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** An engine whose one run goes on for ever, and when each further request failed. */
async function busyEngine(): Promise<{
  readonly ask: (name: string, more: Partial<InferenceRequest>) => void;
  readonly failures: [string, unknown][];
  readonly engine: Engine;
}> {
  const engine = engineOf({ run: gatedRuns().run });
  const failures: [string, unknown][] = [];
  const ask = (name: string, more: Partial<InferenceRequest>): void => {
    void failureOf(engine.infer(request([1], more))).then((failure) =>
      failures.push([name, failure]),
    );
  };
  ask('running', { deadlineMs: 250, startByMs: 50 });
  await turns();
  return { engine, ask, failures };
}

it('fails each request when it is due, whatever the order in which they came', async () => {
  const { ask, failures } = await busyEngine();
  ask('third', { deadlineMs: 300 });
  ask('first', { deadlineMs: 100 });
  ask('second', { deadlineMs: NEVER_MS, startByMs: 200 });
  ask('patient', { deadlineMs: NEVER_MS });

  const seen: string[][] = [];
  for (let step = 0; step < 4; step += 1) {
    await vi.advanceTimersByTimeAsync(100);
    seen.push(failures.splice(0).map(([name, error]) => `${name} ${(error as Error).name}`));
  }

  const { name } = InferenceTimeoutError;
  expect(seen).toEqual([
    [`first ${name}`],
    [`second ${name}`],
    [`running ${name}`, `third ${name}`],
    [],
  ]);
});

it('takes one timer, however many requests there are', async () => {
  const { ask, failures } = await busyEngine();
  for (const ms of [900, 700, 800, 1000]) ask(`${ms}`, { deadlineMs: ms });
  expect(vi.getTimerCount()).toBe(1);

  await vi.advanceTimersByTimeAsync(1000);

  expect(failures).toHaveLength(5);
  expect(vi.getTimerCount()).toBe(0);
});
