import { setTimeout as delay } from 'node:timers/promises';

import { mapInstances } from '../inputs/map-instances.ts';
import type { AnyEndpoint } from '../endpoint.ts';
import { QueueFullError } from '../runtime/errors.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { ModelService } from '../serving/service.ts';

/** Until when predictions are wanted. */
export interface Patience {
  readonly signal: AbortSignal;
  /** Longest time for one run of the model, its turn included, in milliseconds. */
  readonly timeoutMs: number;
}

/** A full queue is looked at again after so long. */
const PAUSE_MS = 20;

/** Something to predict on, checked. */
export interface CheckedInstance {
  readonly instance: unknown;
  /** The endpoint that it is for; none: the model's own requests. */
  readonly endpoint?: AnyEndpoint;
}

/**
 * Predictions for checked instances, in their order. Nobody waits at a socket: what is asked for is
 * computed, unless `signal` aborts before it has begun.
 * @throws {InvalidRequestError} When one of them is at fault.
 * @throws {InferenceError} When the model is.
 */
export async function predictBatch(
  { definition, model, engine }: ModelService,
  records: readonly CheckedInstance[],
  { signal, timeoutMs }: Patience,
): Promise<readonly unknown[]> {
  const isAbandoned = (): boolean => signal.aborted;
  const infer = async (inputs: TensorMap, rows: number): Promise<TensorMap> => {
    for (;;) {
      signal.throwIfAborted();
      const deadlineMs = performance.now() + timeoutMs;
      try {
        return (await engine.infer({ inputs, rows, deadlineMs, isAbandoned })).outputs;
      } catch (cause) {
        if (!(cause instanceof QueueFullError)) throw cause;
        // Our own other batches fill it, and what is ready to run would only have to be made again.
        await delay(PAUSE_MS);
      }
    }
  };
  const options = definition.options?.parse({}) ?? {};
  const predictOne = async ({ instance, endpoint }: CheckedInstance): Promise<unknown> => {
    if (endpoint !== undefined) {
      const own = (endpoint.options?.parse({}) ?? {}) as Record<string, unknown>;
      const context = { model, options: own, signal, infer };
      return await asJson(endpoint, await endpoint.predict(instance, context), own);
    }
    if (definition.predict === undefined) return (await predictRows([instance]))[0];
    const prediction: unknown = await definition.predict(instance, {
      model,
      options,
      signal,
      infer,
    });
    return prediction;
  };
  const predictRows = async (instances: readonly unknown[]): Promise<readonly unknown[]> => {
    if (definition.predict !== undefined) return [];
    const inputs = await definition.preprocess(instances, model, options);
    const outputs = await infer(inputs, instances.length);
    const predictions: readonly unknown[] = await definition.postprocess(
      outputs,
      instances,
      model,
      options,
    );
    return predictions;
  };
  const isRows = definition.predict === undefined;
  if (isRows && records.every(({ endpoint }) => endpoint === undefined)) {
    return await predictRows(records.map(({ instance }) => instance));
  }
  return await mapInstances(records, predictOne);
}

/** An endpoint's answer as its JSON says it: what it holds may be typed arrays. */
async function asJson(endpoint: AnyEndpoint, answer: unknown, options: object): Promise<unknown> {
  const write = endpoint.produces?.['application/json'];
  if (write === undefined) return answer;
  const written = write(answer, { options, envelope: {} });
  if (typeof written === 'string') return JSON.parse(written);
  const pieces =
    written instanceof Uint8Array ? [written] : await Array.fromAsync<Uint8Array>(written);
  return JSON.parse(Buffer.concat(pieces).toString());
}
