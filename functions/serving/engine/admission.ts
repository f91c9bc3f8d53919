import { ModelLoadError, QueueFullError } from '../../runtime/errors.ts';
import type { InferenceEngineError } from '../../runtime/errors.ts';
import type { WaitingQueue } from './queue.ts';

/** What may wait. */
export interface QueueLimits {
  readonly maxQueueRows: number;
  readonly maxQueueBytes: number;
}

/** A request that asks to be let in. */
export interface Arrival {
  readonly rows: number;
  readonly bytes: number;
  /** How long it may wait for its turn. */
  readonly patienceMs: number;
}

/**
 * Why a request is not let in; undefined when it is. One that finds nobody waiting is let in whatever its
 * size: it could never come in otherwise.
 * @param waitMs How long it will probably wait.
 */
export function refusalOf(
  name: string,
  arrival: Arrival,
  {
    queue,
    limits,
    waitMs,
  }: { readonly queue: WaitingQueue; readonly limits: QueueLimits; readonly waitMs: number },
): QueueFullError | undefined {
  const { rows, bytes, patienceMs } = arrival;
  const isFull =
    queue.rows() + rows > limits.maxQueueRows || queue.bytes() + bytes > limits.maxQueueBytes;
  if (isFull && !queue.isEmpty()) {
    return new QueueFullError(`Too many requests wait for the model "${name}"`, {
      retryAfterSeconds: seconds(waitMs),
    });
  }
  // One that is late already is told so, by the deadline itself.
  if (waitMs > patienceMs && patienceMs > 0) {
    return new QueueFullError(
      `The model "${name}" is busy for about ${seconds(waitMs)} s, longer than this request may wait`,
      { retryAfterSeconds: seconds(waitMs - patienceMs) },
    );
  }
  return undefined;
}

/** What requests get while nothing can run them. */
export function unavailable(name: string, retryInMs: number): InferenceEngineError {
  return new ModelLoadError(`The model "${name}" failed and is being brought back`, {
    permanent: false,
    retryAfterSeconds: seconds(retryInMs),
  });
}

/** For `Retry-After`: whole and at least 1. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
