import { describe, expect, it } from 'vitest';

import { createGate } from '../../../../../functions/inputs/image/gate.ts';

/** Starts work of each weight; the test ends it. */
function start(gate: ReturnType<typeof createGate>, weights: readonly number[]) {
  const running = new Set<number>();
  const works = weights.map((weight, index) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const ended = gate
      .run(weight, () => {
        running.add(index);
        return promise;
      })
      .finally(() => running.delete(index));
    return { finish: () => resolve(index), fail: () => reject(new Error('no')), ended };
  });
  return { running, works };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createGate()', () => {
  it('lets in what there is room for, in order', async () => {
    const { running, works } = start(createGate(10), [6, 4, 5, 1]);
    await settled();
    // The last would fit, but it is not its turn.
    expect([...running]).toEqual([0, 1]);

    works[1]?.finish();
    await settled();
    expect([...running]).toEqual([0]);

    works[0]?.finish();
    await settled();
    expect([...running]).toEqual([2, 3]);
  });

  it('lets the next in after a failure', async () => {
    const { running, works } = start(createGate(1), [1, 1]);
    works[0]?.fail();

    await expect(works[0]?.ended).rejects.toThrow('no');
    await settled();

    expect([...running]).toEqual([1]);
  });

  it('runs what is heavier than the whole, alone', async () => {
    const { running, works } = start(createGate(10), [99, 1]);
    await settled();
    expect([...running]).toEqual([0]);

    works[0]?.finish();
    expect(await works[0]?.ended).toBe(0);
    await settled();
    expect([...running]).toEqual([1]);
  });
});
