import { describe, expect, it } from 'vitest';

import { endJob } from '../../../events/jobs/end-job.ts';
import { readStatus } from '../../../events/jobs/job-status.ts';
import { readPlan } from '../../../events/jobs/read-job.ts';
import { expectWhole, isResult, LAYOUT, scene, SPEC, START_MS } from '../../support/jobs/scene.ts';
import { outputOf, testSpec } from '../../support/jobs/test-job.ts';

describe('cancel', () => {
  const cancelled = {
    state: 'cancelled',
    reason: { code: 'CANCELLED', message: 'by hand' },
  } as const;

  it('lets running chunks end, begins no other, and is told', async () => {
    const one = await scene({ pauseMs: () => 8000 });
    await one.submit();
    await one.clock.runUntil(() => (one.world.writes.get(LAYOUT.claim(1)) ?? 0) > 0, 60_000);
    await endJob(one.world.context('client'), SPEC, cancelled);
    expect(await readStatus(one.world.context('client'), SPEC.jobId)).toMatchObject({
      state: 'cancelling',
    });

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result } = await outputOf(one.store, SPEC.jobId);
    expect(result.state).toBe('cancelled');
    expect(result.parts.map(({ chunk }) => chunk)).toEqual([0, 1]);
    expect(one.world.writes.get(LAYOUT.claim(2))).toBeUndefined();
  });

  it('comes before the plan', async () => {
    const one = await scene({
      deliver: ({ type }) => (type.includes('submitted') ? [20_000] : [5]),
    });
    await one.submit();
    await endJob(one.world.context('client'), SPEC, cancelled);

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    expect(await readPlan(one.store, SPEC.jobId)).toBeUndefined();
    expect((await outputOf(one.store, SPEC.jobId)).result.state).toBe('cancelled');
  });

  it('comes when everything is done: the job is complete', async () => {
    const one = await scene({
      fateOf: (_, step) =>
        isResult(step) && one.clock.now() < START_MS + 60_000 ? 'fail' : 'go on',
    });
    await one.submit();
    const counted = (): number =>
      [...one.world.writes.keys()].filter((key) => key.startsWith(LAYOUT.tallyPrefix)).length;
    expect(await one.clock.runUntil(() => counted() === 5, 50_000)).toBe(true);
    await endJob(one.world.context('client'), SPEC, cancelled);

    await expectWhole(one);
  });

  it('says a deadline that has passed', async () => {
    const deadline = new Date(START_MS + 10_000).toISOString();
    const spec = testSpec({
      split: { chunkBytes: 65_536 },
      limits: { maxConcurrency: 1, deadline },
    });
    const one = await scene({ pauseMs: () => 9000 });
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    expect((await outputOf(one.store, spec.jobId)).result).toMatchObject({
      state: 'expired',
      reason: { code: 'DEADLINE' },
    });
  });
});
