import { SessionLostError } from '../../models/loader/loaded-model.ts';
import { InferenceEngineError } from '../runtime/errors.ts';
import type { ModelService } from '../serving/service.ts';
import { predictBatch } from './predict-batch.ts';
import type { CheckedInstance, Patience } from './predict-batch.ts';

/** What came of one instance. */
export type Scored =
  | { readonly output: unknown; readonly error?: undefined; readonly isCrashed?: undefined }
  | {
      readonly error: InferenceEngineError;
      readonly output?: undefined;
      readonly isCrashed?: undefined;
    }
  /** Twice, by itself, it ended the process that scored it. */
  | { readonly isCrashed: true; readonly output?: undefined; readonly error?: undefined };

/** How many instances may end the process that scores them; shared by all that belongs together. */
export interface CrashAllowance {
  left: number;
}

/** Until when predictions are wanted, and at what cost. */
export type ScoringPatience = Patience & { readonly crashes: CrashAllowance };

/**
 * What comes of each of many instances, in their order. Those that fail together are halved until the one
 * at fault stands alone: only it fails.
 * @throws {InferenceEngineError} When it is not a matter of the instances: the model, the queue, the time; or when
 * more of them end processes than may.
 */
export async function scoreRecords(
  service: ModelService,
  instances: readonly CheckedInstance[],
  patience: ScoringPatience,
): Promise<Scored[]> {
  if (instances.length === 0) return [];
  try {
    const outputs = await predictBatch(service, instances, patience);
    return outputs.map((output) => ({ output }));
  } catch (cause) {
    patience.signal.throwIfAborted();
    if (instances.length === 1) return [await ofOne(service, instances, patience, cause)];
    if (!isDivisible(cause)) throw cause;
    const half = Math.ceil(instances.length / 2);
    return [
      ...(await scoreRecords(service, instances.slice(0, half), patience)),
      ...(await scoreRecords(service, instances.slice(half), patience)),
    ];
  }
}

/** What comes of an instance that has failed by itself. */
async function ofOne(
  service: ModelService,
  instances: readonly CheckedInstance[],
  patience: ScoringPatience,
  cause: unknown,
  isSecond = false,
): Promise<Scored> {
  const { signal, crashes } = patience;
  if (isCrash(cause) && isSecond) {
    crashes.left -= 1;
    return { isCrashed: true };
  }
  if (isCrash(cause)) {
    if (crashes.left === 0) throw cause;
    // Somebody else may have ended the process: only a second one tells that it was the instance.
    try {
      const [output] = await predictBatch(service, instances, patience);
      return { output };
    } catch (again) {
      signal.throwIfAborted();
      return await ofOne(service, instances, patience, again, true);
    }
  }
  if (cause instanceof InferenceEngineError && isOfRecord(service, cause)) return { error: cause };
  throw cause;
}

function isCrash(cause: unknown): boolean {
  return cause instanceof InferenceEngineError && cause.cause instanceof SessionLostError;
}

function isDivisible(cause: unknown): boolean {
  return (
    cause instanceof InferenceEngineError &&
    (isOfRequest(cause) || cause.code === 'INFERENCE_FAILED')
  );
}

/** A model that still reproduces its golden example has failed because of what it was given. */
function isOfRecord({ engine }: ModelService, cause: InferenceEngineError): boolean {
  return isOfRequest(cause) || (cause.code === 'INFERENCE_FAILED' && engine.isSound());
}

function isOfRequest({ status }: InferenceEngineError): boolean {
  return status >= 400 && status < 500 && status !== 429;
}
