import { describe, expect, it } from 'vitest';

import { createJob } from '../../../events/jobs/create-job.ts';
import {
  after,
  expectWhole,
  LAYOUT,
  once,
  scene,
  SPEC,
  START_MS,
} from '../../support/jobs/scene.ts';
import { testSpec } from '../../support/jobs/test-job.ts';

describe('a submission', () => {
  it('sent twice is one job', async () => {
    const one = await scene();
    const client = one.world.context('client');

    const first = await createJob(client, () => SPEC);
    const second = await createJob(client, () => SPEC);

    expect([first.isNew, second.isNew]).toEqual([true, false]);
    await expectWhole(one);
    expect(one.world.writes.get(LAYOUT.spec)).toBe(1);
  });

  it('of the same id and another content is refused', async () => {
    const one = await scene();
    await one.submit();

    await expect(one.submit(testSpec({ split: { miniBatch: 9 } }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('of a job whose model has a newer version by now is the same job', async () => {
    const one = await scene();
    await one.submit();
    const newer = { ...SPEC, model: { ...SPEC.model, version: '2' } };

    const again = await createJob(one.world.context('client'), (pinned) =>
      pinned === undefined ? newer : { ...newer, model: pinned },
    );

    expect([again.isNew, again.spec.model.version]).toEqual([false, '1']);
  });

  it('that is cut off behind its marker leaves nothing behind', async () => {
    const one = await scene({
      fateOf: once('client', 'die', ({ on, verb }) => on === LAYOUT.spec && verb === 'put'),
    });
    void one.submit();

    const isGone = async (): Promise<boolean> =>
      (await one.store.head(LAYOUT.active)) === undefined;
    await one.clock.runUntil(() => one.clock.now() > START_MS + 5 * 60_000, 6 * 60_000);
    expect(await isGone()).toBe(false);
    await one.clock.runUntil(() => one.clock.now() > START_MS + 11 * 60_000, 12 * 60_000);
    expect(await isGone()).toBe(true);
  });

  it('that is cut off behind its spec is started by the sweeper', async () => {
    const one = await scene({
      fateOf: once(
        'client',
        'die',
        (step) => step.on === LAYOUT.spec && step.verb === 'put' && after(step),
      ),
    });
    void one.submit();

    await expectWhole(one);
  });
});
