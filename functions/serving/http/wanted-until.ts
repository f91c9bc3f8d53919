import { InferenceTimeoutError } from '../../runtime/errors.ts';
import type { RequestContext } from './request-context.ts';

/** Longer than this fires at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Tells work that nobody waits for it any more. */
export interface Wanted {
  /** Its reason is the error to answer with: the deadline has passed, or the client is gone. */
  readonly signal: AbortSignal;
  /** Ends the watch; the signal stays as it is. */
  readonly done: () => void;
}

/** A watch over one request's client and its deadline, on the clock of `performance.now()`. */
export function wantedUntil({ signal: gone }: RequestContext, deadlineMs: number): Wanted {
  const controller = new AbortController();
  const leftMs = Math.min(Math.max(0, deadlineMs - performance.now()), LONGEST_TIMER_MS);
  const timer = setTimeout(() => controller.abort(passedDeadline()), leftMs);
  const leave = (): void => controller.abort(gone.reason);
  if (gone.aborted) leave();
  else gone.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
    },
  };
}

/** The answer to a request whose deadline has passed while it was worked on. */
export function passedDeadline(): InferenceTimeoutError {
  return new InferenceTimeoutError('The deadline passed before the answer was there');
}
