import { afterEach, describe, expect, it, vi } from 'vitest';

import { InferenceTimeoutError, QueueFullError } from '../../../../../functions/runtime/errors.ts';
import { ClientGoneError } from '../../../../../functions/runtime/client-gone.ts';
import type { Engine } from '../../../../../functions/serving/engine/engine.ts';
import type { Tensor, TensorMap } from '../../../../../functions/runtime/tensor.ts';
import type { InferenceRequest } from '../../../../../functions/serving/engine/request.ts';
import type { Session } from '../../../../../models/loader/loaded-model.ts';
import {
  NEVER_MS,
  answered,
  engineOf,
  failureOf,
  gatedRuns,
  request,
  turns,
} from '../../../../support/engine-fixture.ts';
import { doubled, valuesOf } from '../../../../support/fake-model.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('batching', () => {
  it('runs what arrives in one turn together, and gives each its own rows', async () => {
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run });

    const results = await Promise.all([
      engine.infer(request([1])),
      engine.infer(request([2, 3])),
      Promise.resolve().then(() => engine.infer(request([4]))),
    ]);

    expect(run).toHaveBeenCalledTimes(1);
    expect(results.map(({ outputs }) => valuesOf(outputs['y']))).toEqual([[2], [4, 6], [8]]);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([4, 4, 4]);
  });

  it('runs what arrives while the model is busy in the next run', async () => {
    const { runs, run, finish } = gatedRuns();
    const engine = engineOf({ run });
    const first = engine.infer(request([1]));
    await turns();
    const second = engine.infer(request([2]));
    await turns();
    const third = engine.infer(request([3]));
    await turns();
    expect(engine.queuedRows()).toBe(2);

    finish();
    await turns();
    finish();

    expect(await answered(first)).toEqual([2]);
    expect(await answered(second)).toEqual([4]);
    expect((await third).batchSize).toBe(2);
    expect(runs).toEqual([[1], [2, 3]]);
    expect(engine.queuedRows()).toBe(0);
  });

  it('does not join what differs in more than its rows', async () => {
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run });
    const wide: InferenceRequest = {
      inputs: { x: { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(7, 8) } },
      rows: 1,
      deadlineMs: NEVER_MS,
    };

    const results = await Promise.all([
      engine.infer(request([1])),
      engine.infer(wide),
      engine.infer(request([2])),
    ]);

    expect(run).toHaveBeenCalledTimes(2);
    expect(results.map(({ outputs }) => valuesOf(outputs['y']))).toEqual([[2], [14, 16], [4]]);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([2, 1, 2]);
  });

  it('never runs more rows at once than the model takes', async () => {
    const { runs, run, finish } = gatedRuns();
    const engine = engineOf({ run, maxRows: 2 });
    const results = [1, 2, 3, 4, 5].map((value) => engine.infer(request([value])));
    for (let time = 0; time < 3; time += 1) {
      await turns();
      finish();
    }

    expect(await Promise.all(results.map(answered))).toEqual([[2], [4], [6], [8], [10]]);
    expect(runs).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('splits a request that alone is larger, and puts its rows together again', async () => {
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run, maxRows: 2 });

    const { outputs, batchSize } = await engine.infer(request([1, 2, 3, 4, 5]));

    expect(run.mock.calls.map(([inputs]) => valuesOf(inputs['x']))).toEqual([[1, 2], [3, 4], [5]]);
    expect(valuesOf(outputs['y'])).toEqual([2, 4, 6, 8, 10]);
    expect(outputs['y']?.shape).toEqual([5, 1]);
    expect(batchSize).toBe(2);
  });

  it('runs requests one by one for a model without a batch axis', async () => {
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run, maxRows: null });

    const results = await Promise.all([engine.infer(request([1])), engine.infer(request([2]))]);

    expect(run).toHaveBeenCalledTimes(2);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([1, 1]);
  });

  it('waits for more rows only when told to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run }, { maxQueueDelayMs: 10 });

    const first = engine.infer(request([1], { deadlineMs: 1000 }));
    await vi.advanceTimersByTimeAsync(9);
    expect(run).not.toHaveBeenCalled();
    const second = engine.infer(request([2], { deadlineMs: 1000 }));
    await vi.advanceTimersByTimeAsync(1);

    expect((await first).batchSize).toBe(2);
    expect(await answered(second)).toEqual([4]);
  });
});

describe('the queue', () => {
  it('refuses rows beyond its bound, and says when to try again', async () => {
    const { run, finish } = gatedRuns();
    const engine = engineOf({ run }, { maxQueueRows: 3 });
    const running = engine.infer(request([1]));
    await turns();
    const waiting = engine.infer(request([2, 3]));

    const refused = await failureOf(engine.infer(request([4, 5])));
    const fits = engine.infer(request([4]));

    expect(refused).toBeInstanceOf(QueueFullError);
    expect((refused as QueueFullError).retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(engine.queuedRows()).toBe(3);
    finish();
    await turns();
    finish();
    expect(await Promise.all([running, waiting, fits].map(answered))).toEqual([[2], [4, 6], [8]]);
    expect(engine.queuedRows()).toBe(0);
  });

  it('refuses bytes beyond its bound', async () => {
    const { run, finish } = gatedRuns();
    const engine = engineOf({ run }, { maxQueueBytes: 11 });
    const results = [engine.infer(request([1])), engine.infer(request([2]))];

    await expect(engine.infer(request([3]))).rejects.toBeInstanceOf(QueueFullError);

    await turns();
    finish();
    expect(await Promise.all(results.map(answered))).toEqual([[2], [4]]);
  });

  it('takes a request larger than its bound when nobody waits: it could never come in else', async () => {
    const engine = engineOf({}, { maxQueueRows: 2, maxQueueBytes: 8 });

    expect(await answered(engine.infer(request([1, 2, 3, 4])))).toEqual([2, 4, 6, 8]);
  });

  it('tells a longer wait the slower the model was', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const run = async (inputs: TensorMap): Promise<TensorMap> => {
      vi.advanceTimersByTime(3000);
      return doubled(inputs);
    };
    const engine = engineOf({ run }, { maxQueueRows: 2 });
    await engine.infer(request([1], { deadlineMs: 60_000 }));

    const waiting = engine.infer(request([1, 2], { deadlineMs: 60_000 }));
    const refused = await failureOf(engine.infer(request([3])));

    expect((refused as QueueFullError).retryAfterSeconds).toBe(6);
    await waiting;
  });
});

describe('admission', () => {
  /** An engine whose model takes 100 ms a row, on a clock that stands still; a run of one row goes on. */
  async function busyEngine(): Promise<Engine> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const engine = engineOf({
      maxRows: 4,
      async run(inputs) {
        await new Promise((resolve) => setTimeout(resolve, 100 * valuesOf(inputs['x']).length));
        return doubled(inputs);
      },
    });
    const measured = engine.infer(request([1], { deadlineMs: 60_000 }));
    await turns();
    await vi.advanceTimersByTimeAsync(100);
    await measured;
    void engine.infer(request([1], { deadlineMs: 60_000 }));
    await turns();
    return engine;
  }
  const soon = (ms: number): Partial<InferenceRequest> => ({ deadlineMs: performance.now() + ms });

  it('refuses a request that would wait longer than it may, and says when it would not', async () => {
    const engine = await busyEngine();
    void engine.infer(request([2, 3, 4, 5], soon(60_000)));

    const refused = await failureOf(engine.infer(request([6], soon(400))));
    const patient = engine.infer(request([7], soon(900)));
    for (let step = 0; step < 8; step += 1) {
      await vi.advanceTimersByTimeAsync(100);
      await turns();
    }

    expect(refused).toBeInstanceOf(QueueFullError);
    expect((refused as QueueFullError).retryAfterSeconds).toBe(1);
    expect(await answered(patient)).toEqual([14]);
  });

  it('counts how long a request may wait, not how long until its answer', async () => {
    const engine = await busyEngine();
    const startByMs = performance.now() + 50;

    const refused = engine.infer(request([2], { ...soon(60_000), startByMs }));

    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
  });

  it('lets in what need not wait, even when it runs longer than it may', async () => {
    const engine = await busyEngine();
    await vi.advanceTimersByTimeAsync(100);

    const late = failureOf(engine.infer(request([2, 3, 4], soon(200))));
    await turns();
    await vi.advanceTimersByTimeAsync(300);

    expect(await late).toBeInstanceOf(InferenceTimeoutError);
  });

  it('does not count those whose client has gone', async () => {
    const { run, finish } = gatedRuns();
    const engine = engineOf({ run }, { maxQueueRows: 2 });
    const first = engine.infer(request([1]));
    await turns();
    const gone = [2, 3].map((value) =>
      failureOf(engine.infer(request([value], { isAbandoned: () => true }))),
    );

    const welcome = engine.infer(request([4]));
    finish();
    await turns();
    finish();

    expect(await Promise.all(gone)).toEqual([
      expect.any(ClientGoneError),
      expect.any(ClientGoneError),
    ]);
    expect(await answered(welcome)).toEqual([8]);
    await first;
  });
});

describe('outputs', () => {
  const run = vi.fn<Session['run']>(async (inputs, names = ['y', 'z']) => {
    const { y } = doubled(inputs) as { y: Tensor };
    const all: TensorMap = {
      y,
      z: { ...y, data: (y.data as Float32Array).map((value) => -value) },
    };
    return Object.fromEntries(names.map((name) => [name, all[name] as Tensor]));
  });
  const ask = async (
    engine: Engine,
    value: number,
    outputs?: string[],
  ): Promise<[string, number[]][]> => {
    const more = outputs === undefined ? {} : { outputs };
    const result = await engine.infer(request([value], more));
    return Object.entries(result.outputs).map(([name, tensor]) => [name, valuesOf(tensor)]);
  };

  afterEach(() => run.mockClear());

  it('are computed only as far as a batch wants them', async () => {
    const engine = engineOf({ run });

    const answers = await Promise.all([ask(engine, 1, ['z']), ask(engine, 2, ['z'])]);

    expect(answers).toEqual([[['z', [-2]]], [['z', [-4]]]]);
    expect(run.mock.calls.map(([, outputs]) => outputs)).toEqual([['z']]);
  });

  it('are given to each request as it asked, in its order', async () => {
    const engine = engineOf({ run });

    const answers = await Promise.all([
      ask(engine, 1, ['z']),
      ask(engine, 2, ['z', 'y']),
      ask(engine, 3),
    ]);

    expect(answers).toEqual([
      [['z', [-2]]],
      [
        ['z', [-4]],
        ['y', [4]],
      ],
      [
        ['y', [6]],
        ['z', [-6]],
      ],
    ]);
    expect(run.mock.calls.map(([, outputs]) => outputs)).toEqual([undefined]);
  });
});
