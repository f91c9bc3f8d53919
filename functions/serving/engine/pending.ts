import type { WaitingQueue } from './queue.ts';
import { startBy, tooLate } from './request.ts';
import type { InferenceRequest, InferenceResult, Waiting } from './request.ts';
import { rowSignature } from './rows.ts';
import type { StatisticsRecorder } from './statistics.ts';

/** A request on its way into the queue, and the promise of its answer. */
export interface Pending {
  readonly entry: Waiting;
  readonly answer: Promise<InferenceResult>;
}

/**
 * A request that is answered at the latest when its deadline passes, whether it waits or runs then; what
 * comes later is dropped.
 * @param bytes What its tensors hold.
 */
export function pendingRequest(
  request: InferenceRequest,
  bytes: number,
  { queue, statistics }: { readonly queue: WaitingQueue; readonly statistics: StatisticsRecorder },
): Pending {
  const arrivedMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<InferenceResult>();
  let isSettled = false;
  let timer = setTimeout(expire, Math.max(0, startBy(request) - arrivedMs));
  const settle = (): boolean => {
    if (isSettled) return false;
    isSettled = true;
    clearTimeout(timer);
    return true;
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
  function expire(): void {
    const leftMs = request.deadlineMs - performance.now();
    if (!queue.remove(entry) && leftMs > 0) {
      // It runs already, and only its start had to be early.
      timer = setTimeout(expire, leftMs);
      return;
    }
    entry.reject(tooLate());
  }
  return { entry, answer: promise };
}
