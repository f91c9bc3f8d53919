import type { InferenceRequest, InferenceResult, Waiting } from './request.ts';
import { rowSignature } from './rows.ts';
import type { StatisticsRecorder } from './statistics.ts';

/** A request on its way into the queue, and the promise of its answer. */
export interface Pending {
  readonly entry: Waiting;
  readonly answer: Promise<InferenceResult>;
}

/**
 * A request that has not been answered. The first answer counts; what comes later is dropped.
 * @param bytes What its tensors hold.
 */
export function pendingRequest(
  request: InferenceRequest,
  bytes: number,
  statistics: StatisticsRecorder,
): Pending {
  const arrivedMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<InferenceResult>();
  let isSettled = false;
  const settle = (): boolean => {
    const isFirst = !isSettled;
    isSettled = true;
    return isFirst;
  };
  const entry: Waiting = {
    request,
    bytes,
    signature: rowSignature(request.inputs),
    arrivedMs,
    isSettled: () => isSettled,
    resolve(result, compute) {
      if (!settle()) return;
      const totalMs = performance.now() - arrivedMs;
      const { queueMs } = result;
      statistics.succeeded({ rows: request.rows, totalMs, queueMs, compute });
      resolve(result);
    },
    reject(error) {
      if (!settle()) return;
      statistics.failed(performance.now() - arrivedMs);
      reject(error);
    },
  };
  return { entry, answer: promise };
}
