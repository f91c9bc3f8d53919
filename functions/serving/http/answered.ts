import type { RequestContext } from './request-context.ts';
import type { Match } from './route.ts';

/** An answer that was given. */
export interface Answered {
  readonly context: RequestContext;
  /** Undefined when the request was refused before it had a route. */
  readonly match: Match | undefined;
  readonly status: number;
  /** On the clock of `performance.now()`: when its head was sent. */
  readonly startedMs: number;
  /** Why it is an error; of a 200, why it broke off. */
  readonly cause?: unknown;
}
