import { describe, expect, it } from 'vitest';

import type { JobContext } from '../../../../events/jobs/job-context.ts';
import type { JobEvent } from '../../../../events/jobs/job-events.ts';
import { createJob } from '../../../../events/jobs/create-job.ts';
import { tick } from '../../../../functions/batch/tick.ts';
import { waitForJob } from '../../../../functions/batch/wait-for-job.ts';
import { testSpec } from '../../../support/jobs/test-job.ts';
import { virtualClock } from '../../../support/jobs/virtual-clock.ts';
import type { VirtualClock } from '../../../support/jobs/virtual-clock.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const START_MS = Date.UTC(2026, 0, 1);
const { signal: NEVER } = new AbortController();

function office(): { context: JobContext; clock: VirtualClock; published: JobEvent[] } {
  const clock = virtualClock(START_MS);
  const published: JobEvent[] = [];
  const context: JobContext = {
    store: memoryStore(clock.now),
    publish: async (event) => void published.push(event),
    nonce: () => crypto.randomUUID(),
    now: clock.now,
    wait: clock.wait,
    warn: () => {},
  };
  return { context, clock, published };
}

/** Lets virtual time pass until `work` is done; how long that took, in seconds. */
async function secondsOf(clock: VirtualClock, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  void work.finally(() => (isDone = true));
  await clock.runUntil(() => isDone, 3_600_000);
  expect(isDone).toBe(true);
  return (clock.now() - START_MS) / 1000;
}

describe('tick()', () => {
  it('answers at once where there are no jobs', async () => {
    const { context, clock } = office();

    expect(await secondsOf(clock, tick(context, NEVER))).toBe(0);
  });

  it('asks again every 15 seconds while there is a job, for four minutes', async () => {
    const { context, clock, published } = office();
    await createJob(context, () => testSpec());

    expect(await secondsOf(clock, tick(context, NEVER))).toBe(240);
    expect(published.map(({ type }) => type)).toEqual(
      Array(18).fill('dev.pilotlight.job.submitted.v1'),
    );
  });

  it('ends when nobody waits for it any more', async () => {
    const { context, clock } = office();
    await createJob(context, () => testSpec());
    const gone = new AbortController();
    const ticking = tick(context, gone.signal);
    await clock.runUntil(() => clock.now() >= START_MS + 30_000, 60_000);
    gone.abort();

    expect(await secondsOf(clock, ticking)).toBe(30);
  });
});

describe('waitForJob()', () => {
  it('gives the state after the time, when the job is not over', async () => {
    const { context, clock } = office();
    await createJob(context, () => testSpec());
    const waiting = waitForJob(context, 'job-under-test', { waitMs: 20_000, signal: NEVER });

    expect(await secondsOf(clock, waiting)).toBe(20);
    expect(await waiting).toMatchObject({ id: 'job-under-test', state: 'validating' });
  });

  it('gives nothing for a job that is not there', async () => {
    const { context } = office();

    const status = await waitForJob(context, 'no-such-job', { waitMs: 20_000, signal: NEVER });

    expect(status).toBeUndefined();
  });
});
