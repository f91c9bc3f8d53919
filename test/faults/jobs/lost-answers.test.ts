import { describe, expect, it } from 'vitest';

import type { Role } from '../../support/jobs/job-world.ts';
import type { Fate, Step } from '../../support/jobs/mortal-process.ts';
import {
  after,
  expectWhole,
  isClaim,
  isPart,
  isResult,
  isTally,
  LAYOUT,
  once,
  scene,
  SPEC,
  START_MS,
} from '../../support/jobs/scene.ts';
import { outputOf } from '../../support/jobs/test-job.ts';

describe('an answer of the store is lost', () => {
  it.each<[string, (step: Step) => boolean]>([
    ['to a claim', (step) => isClaim(step) && after(step)],
    ['to a part', (step) => isPart(step) && after(step)],
    ['to a tally', (step) => isTally(step) && after(step)],
    ['to the result', (step) => isResult(step) && after(step)],
    ['to a read of the input', ({ on }) => on === 'in/a.jsonl'],
  ])('%s', async (_, isThere) => {
    const one = await scene({ fateOf: once('worker', 'fail', isThere) });

    await one.submit();

    await expectWhole(one);
  });

  it('to a renewal: the lease is still ours', async () => {
    let renewals = 0;
    const fateOf = (role: Role, step: Step): Fate => {
      if (role.name !== 'worker' || role.index !== 0 || !isClaim(step) || !after(step))
        return 'go on';
      renewals += 1;
      return renewals === 2 ? 'fail' : 'go on';
    };
    const one = await scene({ fateOf, pauseMs: ({ index }) => (index === 0 ? 70_000 : 1000) });

    await one.submit();

    await expectWhole(one);
    expect(one.world.outcomes).not.toContain('held');
    expect(renewals).toBeGreaterThan(3);
  });
});

describe('the store', () => {
  it('is away for a minute', async () => {
    const one = await scene({
      fateOf: ({ name }) =>
        name !== 'client' && one.clock.now() < START_MS + 60_000 ? 'fail' : 'go on',
    });

    await one.submit();

    await expectWhole(one);
  });

  it('lets two live workers at one chunk once a lease has run out: one part stays', async () => {
    // The first worker's renewals do not get through, and it takes three times its lease.
    const fateOf = (role: Role, step: Step): Fate =>
      role.name === 'worker' &&
      role.index === 0 &&
      isClaim(step) &&
      one.clock.now() > START_MS + 5000
        ? 'fail'
        : 'go on';
    const one = await scene({ fateOf, pauseMs: ({ index }) => (index === 0 ? 90_000 : 1000) });

    await one.submit();

    await expectWhole(one);
    expect(await one.clock.runUntil(() => one.clock.now() > START_MS + 100_000, 200_000)).toBe(
      true,
    );
    expect(one.world.writes.get(LAYOUT.part(0))).toBe(1);
  });

  it('is slow, and does not answer now and then', async () => {
    let calls = 0;
    const one = await scene({
      fateOf: ({ name }) => (name !== 'client' && (calls += 1) % 40 === 0 ? 'fail' : 'go on'),
      latencyMs: () => 400,
    });

    // Each of its calls takes virtual time, which passes only below.
    void one.submit();

    await expectWhole(one);
  });

  it('refuses a read for good: the job fails and says so', async () => {
    const one = await scene({
      fateOf: ({ name }, { on }) => (name === 'worker' && on === 'in/a.jsonl' ? 'refuse' : 'go on'),
    });

    await one.submit();

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result } = await outputOf(one.store, SPEC.jobId);
    expect(result).toMatchObject({ state: 'failed', reason: { code: 'STORE_REFUSED' } });
  });
});

describe('sweepers', () => {
  it('may be several at once, and none of them is needed when nothing goes wrong', async () => {
    const many = await scene({ sweepers: 3, pauseMs: () => 20_000 });
    await many.submit();
    await expectWhole(many);

    const none = await scene({ sweepers: 0 });
    await none.submit();
    await expectWhole(none);
  });
});
