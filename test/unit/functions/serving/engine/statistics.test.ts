import { afterEach, describe, expect, it, vi } from 'vitest';

import { createStatistics } from '../../../../../functions/serving/engine/statistics.ts';
import { engineOf, failureOf, request } from '../../../../support/engine-fixture.ts';
import { doubled, valuesOf } from '../../../../support/fake-model.ts';

afterEach(() => {
  vi.useRealTimers();
});

const NONE = { count: 0, ns: 0 };

describe('createStatistics()', () => {
  it('starts at nothing', () => {
    expect(createStatistics().read()).toEqual({
      lastInferenceMs: 0,
      inferenceCount: 0,
      executionCount: 0,
      success: NONE,
      fail: NONE,
      queue: NONE,
      computeInput: NONE,
      computeInfer: NONE,
      computeOutput: NONE,
      batches: [],
    });
  });

  it('adds up in whole nanoseconds, and lists sizes in order', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_792_000_000_123 });
    const statistics = createStatistics();
    const compute = { inputMs: 0.25, inferMs: 2, outputMs: 0.5 };
    statistics.ran(8, 2);
    statistics.moved(8, { inputMs: 0.25, outputMs: 0.5 });
    statistics.ran(1, 0.1);
    statistics.ran(8, 3);
    statistics.succeeded({ rows: 3, totalMs: 4, queueMs: 1.5, compute });
    statistics.succeeded({ rows: 5, totalMs: 4, queueMs: 0, compute });
    statistics.failed(7);

    expect(statistics.read()).toEqual({
      lastInferenceMs: 1_792_000_000_123,
      inferenceCount: 8,
      executionCount: 3,
      success: { count: 2, ns: 8_000_000 },
      fail: { count: 1, ns: 7_000_000 },
      queue: { count: 2, ns: 1_500_000 },
      computeInput: { count: 2, ns: 500_000 },
      computeInfer: { count: 2, ns: 4_000_000 },
      computeOutput: { count: 2, ns: 1_000_000 },
      batches: [
        {
          batchSize: 1,
          computeInput: { count: 1, ns: 0 },
          computeInfer: { count: 1, ns: 100_000 },
          computeOutput: { count: 1, ns: 0 },
        },
        {
          batchSize: 8,
          computeInput: { count: 2, ns: 250_000 },
          computeInfer: { count: 2, ns: 5_000_000 },
          computeOutput: { count: 2, ns: 500_000 },
        },
      ],
    });
  });
});

describe('engine.statistics()', () => {
  it('counts requests, rows, runs and errors of a real queue', async () => {
    const engine = engineOf({
      maxRows: 4,
      run: async (inputs) => {
        if (valuesOf(inputs['x']).includes(13)) throw new Error('index out of range');
        return doubled(inputs);
      },
    });
    await Promise.all([engine.infer(request([1])), engine.infer(request([2, 3]))]);
    await engine.infer(request([1, 2, 3, 4, 5, 6]));
    await failureOf(engine.infer(request([13])));
    await failureOf(engine.infer(request([1], { deadlineMs: performance.now() - 1 })));

    const { success, fail, queue, inferenceCount, executionCount, batches } = engine.statistics();

    expect({ success: success.count, fail: fail.count, queue: queue.count }).toEqual({
      success: 3,
      fail: 2,
      queue: 3,
    });
    expect({ inferenceCount, executionCount }).toEqual({ inferenceCount: 9, executionCount: 3 });
    expect(batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer.count])).toEqual([
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(success.ns).toBeGreaterThan(0);
  });
});
