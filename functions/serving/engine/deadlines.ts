import type { Lanes } from './lanes.ts';
import type { WaitingQueue } from './queue.ts';
import { startBy, tooLate } from './request.ts';
import type { InferenceRequest } from './request.ts';

/** Fails requests when their deadline passes, whether they wait or run then. */
export interface Deadlines {
  /** Has a look taken when this request, which is about to wait, is due. */
  watch(request: InferenceRequest): void;
}

/** Longer than this fires at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One timer for all requests, set for whichever is due first and then left alone: most are answered long before, and a
 * timer for each takes 2 % of all time. It does not keep a process alive.
 */
export function createDeadlines(
  queue: Pick<WaitingQueue, 'entries' | 'remove'>,
  lanes: Pick<Lanes, 'entries'>,
): Deadlines {
  let timer: NodeJS.Timeout | undefined;
  let looksMs = Infinity;

  function lookAt(dueMs: number): void {
    if (dueMs >= looksMs) return;
    clearTimeout(timer);
    looksMs = dueMs;
    const leftMs = Math.max(0, dueMs - performance.now());
    timer = setTimeout(look, Math.min(leftMs, LONGEST_TIMER_MS)).unref();
  }

  function look(): void {
    looksMs = Infinity;
    const nowMs = performance.now();
    for (const entry of queue.entries()) {
      if (startBy(entry.request) <= nowMs) {
        queue.remove(entry);
        entry.reject(tooLate());
      } else lookAt(startBy(entry.request));
    }
    for (const entry of lanes.entries()) {
      if (entry.isSettled()) continue;
      // It runs already, and only its start had to be early.
      if (entry.request.deadlineMs <= nowMs) entry.reject(tooLate());
      else lookAt(entry.request.deadlineMs);
    }
  }

  return { watch: (request) => lookAt(startBy(request)) };
}
