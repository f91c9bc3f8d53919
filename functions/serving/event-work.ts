import type { ReceivedEvent } from '../../events/wire/received-event.ts';

/** Does what events ask for. */
export interface EventWorker {
  /**
   * Resolves when the work is done, whether or not its caller still waits.
   * @param signal Aborted when there is no time left: then what is begun is given back.
   * @throws {InvalidRequestError} For an event that asks for nothing done here.
   * @throws {InferenceEngineError} When it may succeed later.
   */
  take(event: ReceivedEvent, signal: AbortSignal): Promise<void>;
}

/** Events that ask for work and no answer. */
export interface EventWork {
  /** As {@link EventWorker}. */
  take(event: ReceivedEvent): Promise<void>;
  /** Resolves when nothing is going on; what is not done after most of `graceMs` is given back. */
  finish(graceMs: number): Promise<void>;
}

/** What is left of the time is for giving back, and for the answers. */
const SHARE_OF_GRACE = 0.8;

/** @param open Called by the first event. */
export function createEventWork(open: () => Promise<EventWorker>): EventWork {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let worker: Promise<EventWorker> | undefined;

  async function workOn(event: ReceivedEvent): Promise<void> {
    const opened = await (worker ??= open());
    await opened.take(event, stopping.signal);
  }

  return {
    async take(event) {
      const work = workOn(event);
      running.add(work);
      try {
        await work;
      } finally {
        running.delete(work);
      }
    },
    async finish(graceMs) {
      const timer = setTimeout(() => stopping.abort(), graceMs * SHARE_OF_GRACE);
      await Promise.allSettled(running);
      clearTimeout(timer);
    },
  };
}
