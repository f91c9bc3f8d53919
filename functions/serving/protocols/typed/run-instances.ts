import type { PredictContext } from '../../../predict-context.ts';
import { mapInstances } from '../../../inputs/map-instances.ts';
import type { TensorMap } from '../../../runtime/tensor.ts';
import { deadlineMs } from '../../http/request-context.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { passedDeadline, wantedUntil } from '../../http/wanted-until.ts';
import type { ModelService } from '../../service.ts';
import { inferRows } from '../infer-rows.ts';

/** Predictions for one request's instances, in their order. */
export interface Predictions {
  readonly predictions: readonly unknown[];
  /** Rows of the run that served the request, the largest of several. */
  readonly batchSize: number;
}

/** Runs checked instances through the model as its definition says. */
export async function runInstances(
  service: ModelService,
  context: RequestContext,
  instances: readonly unknown[],
  options: Record<string, unknown>,
): Promise<Predictions> {
  const { definition, model } = service;
  if (definition.predict !== undefined) {
    return await predictEach(service, definition, context, instances, options);
  }
  const startedMs = performance.now();
  const inputs = await definition.preprocess(instances, model, options);
  context.timings['preprocess'] = performance.now() - startedMs;

  const { outputs, batchSize } = await inferRows(service, context, inputs, instances.length);

  const inferredMs = performance.now();
  const predictions = await definition.postprocess(outputs, instances, model, options);
  context.timings['postprocess'] = performance.now() - inferredMs;
  return { predictions, batchSize };
}

/** One prediction by code of the function: of a model, or of one of its endpoints. */
interface Predictor {
  // oxlint-disable-next-line typescript/no-explicit-any -- types only meet inside one definition
  predict(instance: any, context: PredictContext<any>): Promise<unknown>;
}

/** Predictions for checked instances, a few at a time, each from as many runs as its code asks for. */
export async function predictEach(
  service: ModelService,
  predictor: Predictor,
  context: RequestContext,
  instances: readonly unknown[],
  options: Record<string, unknown>,
): Promise<Predictions> {
  const { config, model } = service;
  const deadline = deadlineMs(context, config.INFERENCE_TIMEOUT_MS);
  const wanted = wantedUntil(context, deadline);
  let batchSize = 0;
  const infer = async (inputs: TensorMap, rows: number): Promise<TensorMap> => {
    wanted.signal.throwIfAborted();
    const result = await inferRows(service, context, inputs, rows);
    batchSize = Math.max(batchSize, result.batchSize);
    return result.outputs;
  };
  try {
    const predictions = await mapInstances(instances, (instance) =>
      predictor.predict(instance, { model, options, signal: wanted.signal, infer }),
    );
    wanted.signal.throwIfAborted();
    // Code that never waits keeps the timer from firing.
    if (performance.now() >= deadline) throw passedDeadline();
    return { predictions, batchSize };
  } finally {
    wanted.done();
  }
}
