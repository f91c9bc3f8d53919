import { describe, expect, it, vi } from 'vitest';

import {
  InferenceError,
  InferenceTimeoutError,
  InvalidRequestError,
} from '../../../../../functions/runtime/errors.ts';
import type { TensorMap } from '../../../../../functions/runtime/tensor.ts';
import { ClientGoneError } from '../../../../../functions/runtime/client-gone.ts';
import type { InferenceResult } from '../../../../../functions/serving/engine/engine.ts';
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
