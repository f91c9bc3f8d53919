import { describe, expect, it } from 'vitest';

import type { JobEvent } from '../../../events/jobs/job-events.ts';
import { expectWhole, scene, START_MS } from '../../support/jobs/scene.ts';

describe('events', () => {
  const isChunk = ({ type }: JobEvent): boolean => type.includes('chunk.requested');

  it('all come three times, while their chunk is done and after it', async () => {
    const one = await scene({ deliver: () => [5, 400, 3000] });

    await one.submit();

    await expectWhole(one);
    expect(new Set(one.world.outcomes)).toEqual(new Set(['committed', 'held', 'done']));
  });

  it('are lost until the sweeper asks again', async () => {
    const one = await scene({
      deliver: (event) => (isChunk(event) && one.clock.now() < START_MS + 14_000 ? [] : [5]),
    });

    await one.submit();

    await expectWhole(one);
  });

  it('are lost every second time', async () => {
    let count = 0;
    const one = await scene({
      deliver: (event) => (isChunk(event) && (count += 1) % 2 === 1 ? [] : [5]),
    });

    await one.submit();

    await expectWhole(one);
  });

  it('come in another order', async () => {
    let ms = 9000;
    const one = await scene({
      deliver: (event) => (isChunk(event) ? [(ms -= 1500) > 0 ? ms : 5] : [5]),
    });

    await one.submit();

    await expectWhole(one);
  });

  it('are not taken: the broker is down for two minutes', async () => {
    const one = await scene({
      fateOf: (_, { verb }) =>
        verb === 'publish' && one.clock.now() < START_MS + 120_000 ? 'fail' : 'go on',
    });

    await one.submit();

    await expectWhole(one);
    expect(one.clock.now()).toBeGreaterThan(START_MS + 120_000);
  });
});
