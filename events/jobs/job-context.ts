import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import type { JobEvent } from './job-events.ts';

/** What the batch protocol stands on. Everything that is not the same twice is given from outside. */
export interface JobContext {
  /** The tenant's data bucket: the only place where jobs have a state. */
  readonly store: ObjectStore;
  /**
   * Resolves once the broker has taken the event. Events are hints: one that is lost only costs time.
   * @throws {Error} When the broker did not take it.
   */
  readonly publish: (event: JobEvent) => Promise<void>;
  /** A text that nobody else gets. */
  readonly nonce: () => string;
  /** Milliseconds since 1970 by this machine's clock, for what people read; never for leases. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Hears of what went wrong and is made good later. */
  readonly warn: (message: string, cause: unknown) => void;
}

/** Publishes, and leaves it to the sweeper where that fails. Tells whether the broker took it. */
export async function tryPublish(context: JobContext, event: JobEvent): Promise<boolean> {
  try {
    await context.publish(event);
    return true;
  } catch (cause) {
    context.warn(`${event.type} of ${event.subject} was not published; the sweeper will`, cause);
    return false;
  }
}
