import { createMetrics } from '../../functions/runtime/metrics.ts';
import type { TensorMap } from '../../functions/runtime/tensor.ts';
import { createEngine } from '../../functions/serving/engine/engine.ts';
import type { Engine, EngineLimits } from '../../functions/serving/engine/engine.ts';
import type { InferenceRequest, InferenceResult } from '../../functions/serving/engine/request.ts';
import { doubled, fakeModel, rowsOf, valuesOf } from './fake-model.ts';
import type { FakeModelOptions } from './fake-model.ts';

/** Later than any of these tests ends. */
export const NEVER_MS = 1_000_000;

const LIMITS: EngineLimits = {
  maxQueueRows: 1000,
  maxQueueBytes: 1_000_000,
  maxQueueDelayMs: 0,
  maxRunMs: NEVER_MS,
};

/** An engine for a fake model, with room for 1000 rows unless said otherwise. */
export function engineOf(
  options: FakeModelOptions = {},
  limits: Partial<EngineLimits> = {},
): Engine {
  return createEngine(fakeModel(options), { ...LIMITS, ...limits }, createMetrics());
}

/** A request with one row per value. */
export function request(values: number[], more: Partial<InferenceRequest> = {}): InferenceRequest {
  return { inputs: rowsOf(...values), rows: values.length, deadlineMs: NEVER_MS, ...more };
}

/** A model whose runs are noted, and end when the test says. */
export function gatedRuns(): {
  readonly runs: number[][];
  readonly run: (inputs: TensorMap) => Promise<TensorMap>;
  readonly finish: () => void;
} {
  const runs: number[][] = [];
  const waiting: (() => void)[] = [];
  return {
    runs,
    async run(inputs) {
      runs.push(valuesOf(inputs['x']));
      await new Promise<void>((resolve) => waiting.push(resolve));
      return doubled(inputs);
    },
    finish: () => waiting.shift()?.(),
  };
}

/** Lets everything run that only waits for its turn. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** What a request fails with; listened to from the start. */
export const failureOf = (result: Promise<InferenceResult>): Promise<unknown> =>
  result.then(
    () => 'did not fail',
    (error: unknown) => error,
  );

/** What the model made of a request's rows. */
export const answered = async (result: Promise<InferenceResult>): Promise<number[]> =>
  valuesOf((await result).outputs['y']);
