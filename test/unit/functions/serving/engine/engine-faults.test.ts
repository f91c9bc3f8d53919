import { describe, expect, it, vi } from 'vitest';

import {
  InferenceError,
  InferenceTimeoutError,
  InvalidRequestError,
  ModelLoadError,
} from '../../../../../functions/runtime/errors.ts';
import type { Tensor, TensorMap } from '../../../../../functions/runtime/tensor.ts';
import { ClientGoneError } from '../../../../../functions/runtime/client-gone.ts';
import type { InferenceResult } from '../../../../../functions/serving/engine/request.ts';
import type { Session } from '../../../../../models/loader/loaded-model.ts';
import {
  answered,
  engineOf,
  failureOf,
  gatedRuns,
  request,
  turns,
} from '../../../../support/engine-fixture.ts';
import { doubled, valuesOf } from '../../../../support/fake-model.ts';

describe('deadlines', () => {
  it('never start work that has expired', async () => {
    const { runs, run, finish } = gatedRuns();
    const engine = engineOf({ run });
    const first = engine.infer(request([1]));
    await turns();
    const late = failureOf(engine.infer(request([2], { deadlineMs: performance.now() + 5 })));
    const patient = engine.infer(request([3]));

    expect(await late).toBeInstanceOf(InferenceTimeoutError);
    expect(engine.queuedRows()).toBe(1);
    finish();
    await turns();
    finish();

    await Promise.all([first, patient]);
    expect(runs).toEqual([[1], [3]]);
  });

  it('hold for work that was expired when it came', async () => {
    const run = vi.fn<Session['run']>(async (inputs) => doubled(inputs));
    const engine = engineOf({ run });

    const late = engine.infer(request([1], { deadlineMs: performance.now() - 1 }));

    await expect(late).rejects.toBeInstanceOf(InferenceTimeoutError);
    expect(run).not.toHaveBeenCalled();
  });

  it('drop the result of a run that took too long, for that request only', async () => {
    const { run, finish } = gatedRuns();
    const engine = engineOf({ run });
    const deadlineMs = performance.now() + 5;
    const hasty = failureOf(engine.infer(request([1], { deadlineMs })));
    const patient = engine.infer(request([2]));
    await turns();
    await vi.waitUntil(() => performance.now() > deadlineMs, { interval: 1 });

    finish();

    expect(await hasty).toBeInstanceOf(InferenceTimeoutError);
    expect(await answered(patient)).toEqual([4]);
  });
});

describe('a client that went away', () => {
  it('has its work dropped when it has not started', async () => {
    const { runs, run, finish } = gatedRuns();
    const engine = engineOf({ run });
    const first = engine.infer(request([1]));
    await turns();
    let isGone = false;
    const abandoned = failureOf(engine.infer(request([2], { isAbandoned: () => isGone })));
    const other = engine.infer(request([3], { isAbandoned: () => false }));
    isGone = true;
    finish();
    await turns();
    finish();

    expect(await abandoned).toBeInstanceOf(ClientGoneError);
    expect(await answered(other)).toEqual([6]);
    await first;
    expect(runs).toEqual([[1], [3]]);
  });
});

describe('a run that fails', () => {
  const failsOn =
    (bad: number) =>
    async (inputs: TensorMap): Promise<TensorMap> => {
      if (valuesOf(inputs['x']).includes(bad)) throw new Error('index out of range in node 7');
      return doubled(inputs);
    };

  it('fails only the request at fault, as its own fault', async () => {
    const engine = engineOf({ run: failsOn(13) });

    const results = await Promise.allSettled([
      engine.infer(request([1])),
      engine.infer(request([2, 13])),
      engine.infer(request([3])),
    ]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [first, failed, third] = results as [
      PromiseFulfilledResult<InferenceResult>,
      PromiseRejectedResult,
      PromiseFulfilledResult<InferenceResult>,
    ];
    expect(failed.reason).toBeInstanceOf(InvalidRequestError);
    expect((failed.reason as Error).message).not.toContain('node 7');
    expect(valuesOf(first.value.outputs['y'])).toEqual([2]);
    expect(valuesOf(third.value.outputs['y'])).toEqual([6]);
    expect(engine.isSound()).toBe(true);
  });

  it('is halved until the request at fault stands alone', async () => {
    const run = vi.fn<Session['run']>(failsOn(13));
    const engine = engineOf({ run });
    const values = [1, 2, 3, 4, 5, 13, 7, 8];

    const results = await Promise.allSettled(values.map((value) => engine.infer(request([value]))));

    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
      values.map((value) => value !== 13),
    );
    expect(run.mock.calls.map(([inputs]) => valuesOf(inputs['x']))).toEqual([
      values,
      [1, 2, 3, 4],
      [5, 13, 7, 8],
      [5, 13],
      [5],
      [13],
      [7, 8],
    ]);
  });

  it('names the first row at fault of a request with several', async () => {
    const engine = engineOf({ run: failsOn(13), maxRows: 4 });

    const error = await failureOf(engine.infer(request([1, 2, 3, 4, 5, 6, 13, 8, 13])));

    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as InvalidRequestError).details).toEqual([
      { instance: 6, path: '', message: 'The model cannot compute it' },
    ]);
  });

  it('is answered in parts when the rows only fail together', async () => {
    const run = async (inputs: TensorMap): Promise<TensorMap> => {
      if (valuesOf(inputs['x']).length > 2) throw new Error('out of memory');
      return doubled(inputs);
    };
    const engine = engineOf({ run });

    const { outputs, batchSize } = await engine.infer(request([1, 2, 3, 4, 5]));

    expect(valuesOf(outputs['y'])).toEqual([2, 4, 6, 8, 10]);
    expect(batchSize).toBe(2);
  });

  it('is one when the outputs have other rows than the inputs: nobody knows whose they are', async () => {
    const run = async (inputs: TensorMap): Promise<TensorMap> => {
      const { y } = doubled(inputs) as { y: Tensor };
      return { y: { ...y, shape: [1, ...y.shape] } };
    };
    const engine = engineOf({ run });

    const results = await Promise.all([engine.infer(request([1])), engine.infer(request([2]))]);

    expect(results.map(({ outputs }) => valuesOf(outputs['y']))).toEqual([[2], [4]]);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([1, 1]);
  });

  it('is the model’s fault when its golden example fails too', async () => {
    const engine = engineOf({
      run: failsOn(13),
      proveGolden: () => Promise.reject(new Error('golden example is not reproduced')),
    });

    const failed = await failureOf(engine.infer(request([13])));

    expect(failed).toBeInstanceOf(InferenceError);
    expect((failed as Error).message).not.toContain('golden');
    expect(engine.isSound()).toBe(false);
  });

  it('does not stop the requests after it', async () => {
    const engine = engineOf({ run: failsOn(13) });
    await expect(engine.infer(request([13]))).rejects.toThrow(InvalidRequestError);

    expect(await answered(engine.infer(request([1])))).toEqual([2]);
  });
});

describe('an unsound model', () => {
  it('refuses work, and is ready again when a later proof passes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    let isBroken = true;
    const broken = async (): Promise<void> => {
      if (isBroken) throw new Error('golden example is not reproduced');
    };
    const proveGolden = vi.fn<() => Promise<void>>(broken);
    const engine = engineOf({
      proveGolden,
      run: async (inputs) => {
        await broken();
        return doubled(inputs);
      },
    });
    const late = { deadlineMs: performance.now() + 600_000 };
    const failed = await failureOf(engine.infer(request([1], late)));
    const refused = await failureOf(engine.infer(request([2], late)));

    expect(failed).toBeInstanceOf(InferenceError);
    expect(refused).toBeInstanceOf(ModelLoadError);
    expect((refused as ModelLoadError).retryAfterSeconds).toBe(1);
    expect((refused as ModelLoadError).permanent).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(engine.isSound()).toBe(false);
    // Less and less often: 1 s, 2 s, 4 s, …
    expect(proveGolden.mock.calls.length).toBeLessThan(8);

    isBroken = false;
    await vi.advanceTimersByTimeAsync(30_000);

    expect(engine.isSound()).toBe(true);
    expect(await answered(engine.infer(request([3], late)))).toEqual([6]);
  });

  it('fails what waits, too', async () => {
    const { run, finish } = gatedRuns();
    const engine = engineOf({
      run: async (inputs) => {
        await run(inputs);
        throw new Error('broken');
      },
      proveGolden: () => Promise.reject(new Error('differs')),
    });
    const first = failureOf(engine.infer(request([1])));
    await turns();
    const waiting = failureOf(engine.infer(request([2])));

    finish();

    expect(await first).toBeInstanceOf(InferenceError);
    expect(await waiting).toBeInstanceOf(ModelLoadError);
    expect(engine.queuedRows()).toBe(0);
  });
});
