import { setImmediate as nextTurn } from 'node:timers/promises';

/** Pictures and signals take 100 ms and more: probes and other requests come in between. */
const MAX_TURN_MS = 4;

/** Cuts long work on this thread into turns of the event loop. */
export interface Turns {
  /** Whether it is time to let others go first; asking costs less than a microsecond. */
  isOver(): boolean;
  /** Resolves when they have, and begins a new turn. */
  next(): Promise<void>;
}

/** Turns of at most so many milliseconds; the first begins now. */
export function createTurns(maxMs = MAX_TURN_MS): Turns {
  let startedMs = performance.now();
  return {
    isOver: () => performance.now() - startedMs > maxMs,
    async next() {
      await nextTurn();
      startedMs = performance.now();
    },
  };
}
