import { mapInstances } from '../inputs/map-instances.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { ModelService } from '../serving/service.ts';

/** Until when predictions are wanted. */
export interface Patience {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
}

/**
 * Predictions for checked instances, in their order. Nobody waits at a socket: what is asked for is
 * computed, unless `signal` aborts before it has begun.
 * @throws {InvalidRequestError} When one of them is at fault.
 * @throws {InferenceError} When the model is.
 */
export async function predictBatch(
  { definition, model, engine }: ModelService,
  instances: readonly unknown[],
  { signal, deadlineMs }: Patience,
): Promise<readonly unknown[]> {
  const options = definition.options?.parse({}) ?? {};
  const infer = async (inputs: TensorMap, rows: number): Promise<TensorMap> => {
    signal.throwIfAborted();
    const isAbandoned = (): boolean => signal.aborted;
    const { outputs } = await engine.infer({ inputs, rows, deadlineMs, isAbandoned });
    return outputs;
  };
  if (definition.predict !== undefined) {
    const predictions: unknown[] = await mapInstances(instances, (instance) =>
      definition.predict(instance, { model, options, signal, infer }),
    );
    return predictions;
  }
  const inputs = await definition.preprocess(instances, model, options);
  const outputs = await infer(inputs, instances.length);
  const predictions: readonly unknown[] = await definition.postprocess(
    outputs,
    instances,
    model,
    options,
  );
  return predictions;
}
