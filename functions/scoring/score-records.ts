import { InferenceEngineError, InvalidRequestError } from '../runtime/errors.ts';
import type { ModelService } from '../serving/service.ts';
import { predictBatch } from './predict-batch.ts';
import type { CheckedInstance, Patience } from './predict-batch.ts';

/** What came of one instance. */
export type Scored =
  | { readonly output: unknown; readonly error?: undefined }
  | { readonly output?: undefined; readonly error: InferenceEngineError };

/**
 * What comes of each of many instances, in their order. Those that fail together are halved until the one
 * at fault stands alone: only it fails.
 * @throws {InferenceEngineError} When it is not a matter of the instances: the model, the queue, the time.
 */
export async function scoreRecords(
  service: ModelService,
  instances: readonly CheckedInstance[],
  patience: Patience,
): Promise<Scored[]> {
  if (instances.length === 0) return [];
  try {
    const outputs = await predictBatch(service, instances, patience);
    return outputs.map((output) => ({ output }));
  } catch (cause) {
    patience.signal.throwIfAborted();
    if (instances.length > 1 && isDivisible(cause)) {
      const half = Math.ceil(instances.length / 2);
      return [
        ...(await scoreRecords(service, instances.slice(0, half), patience)),
        ...(await scoreRecords(service, instances.slice(half), patience)),
      ];
    }
    if (cause instanceof InferenceEngineError && isOfRecord(service, cause))
      return [{ error: cause }];
    throw cause;
  }
}

function isDivisible(cause: unknown): boolean {
  return (
    cause instanceof InvalidRequestError ||
    (cause instanceof InferenceEngineError && cause.code === 'INFERENCE_FAILED')
  );
}

/** A model that still reproduces its golden example has failed because of what it was given. */
function isOfRecord({ engine }: ModelService, cause: InferenceEngineError): boolean {
  if (cause.status >= 400 && cause.status < 500) return cause.status !== 429;
  return cause.code === 'INFERENCE_FAILED' && engine.isSound();
}
