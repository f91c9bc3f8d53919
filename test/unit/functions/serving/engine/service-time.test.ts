import { describe, expect, it } from 'vitest';

import {
  createServiceTimes,
  estimateWaitMs,
} from '../../../../../functions/serving/engine/service-time.ts';
import type { Backlog } from '../../../../../functions/serving/engine/service-time.ts';

/** Times in which runs of these sizes took so long. */
function timesOf(
  runs: readonly (readonly [number, number])[],
): ReturnType<typeof createServiceTimes> {
  const times = createServiceTimes();
  for (const [rows, ms] of runs) times.record(rows, ms);
  return times;
}

describe('runMs()', () => {
  it.each<[string, [number, number][], number, number | undefined]>([
    ['nothing is known', [], 1, undefined],
    ['the same size', [[4, 8]], 4, 8],
    ['a size of the same power of two', [[4, 8]], 7, 14],
    ['a larger size: as many times the rows', [[1, 10]], 8, 80],
    ['a smaller size: no longer than the larger', [[8, 20]], 2, 20],
    [
      'each size by itself',
      [
        [1, 10],
        [8, 16],
      ],
      8,
      16,
    ],
    [
      'the next smaller size first',
      [
        [1, 10],
        [2, 12],
        [64, 64],
      ],
      32,
      192,
    ],
  ])('when %s', (_what, runs, rows, expected) => {
    expect(timesOf(runs).runMs(rows)).toBe(expected);
  });

  it('follows a change, but not at once', () => {
    const times = timesOf([
      [1, 10],
      [1, 20],
    ]);

    expect(times.runMs(1)).toBe(12);
    for (let run = 0; run < 50; run += 1) times.record(1, 20);
    expect(times.runMs(1)).toBeCloseTo(20, 2);
  });
});

describe('estimateWaitMs()', () => {
  const idle: Backlog = { queuedRows: 0, maxRows: 8, lanes: 1, running: [] };
  const times = timesOf([
    [1, 10],
    [8, 40],
  ]);

  it.each<[string, Partial<Backlog>, number]>([
    ['nobody is there', {}, 0],
    ['a run goes on', { running: [{ rows: 8, elapsedMs: 15 }] }, 25],
    ['a run takes longer than ever', { running: [{ rows: 1, elapsedMs: 15 }] }, 0],
    ['a full batch waits', { queuedRows: 8, running: [{ rows: 8, elapsedMs: 40 }] }, 40],
    ['a batch and a rest wait', { queuedRows: 17, running: [{ rows: 8, elapsedMs: 0 }] }, 130],
    ['another lane is free', { lanes: 2, running: [{ rows: 8, elapsedMs: 0 }] }, 0],
    [
      'two lanes share the work',
      { lanes: 2, queuedRows: 16, running: [8, 8].map((rows) => ({ rows, elapsedMs: 30 })) },
      50,
    ],
    ['no lane lives', { lanes: 0, queuedRows: 8 }, 40],
  ])('when %s', (_what, backlog, expected) => {
    expect(estimateWaitMs(times, { ...idle, ...backlog })).toBe(expected);
  });

  it('is nothing while nothing is known', () => {
    const unknown = { ...idle, queuedRows: 99, running: [{ rows: 1, elapsedMs: 5 }] };

    expect(estimateWaitMs(createServiceTimes(), unknown)).toBe(0);
  });
});
