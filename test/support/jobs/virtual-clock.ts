/** A clock that stands still while anything happens, and then jumps to what is next. */
export interface VirtualClock {
  /** In ms since 1970. */
  readonly now: () => number;
  /** Resolves so many virtual ms later, or at once when aborted. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Awaits real input and output: the clock stands still meanwhile. */
  readonly hold: <T>(work: Promise<T>) => Promise<T>;
  /** Lets time pass until the condition holds; false when it did not within so many virtual ms. */
  readonly runUntil: (isDone: () => boolean, withinMs: number) => Promise<boolean>;
}

/** A virtual clock that begins at a given time. */
export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let held = 0;
  const timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();

  const settle = async (): Promise<void> => {
    // Two turns: what one promise starts may be real work again.
    for (let quiet = 0; quiet < 2; quiet = held === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    now: () => nowMs,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const timer = {
          atMs: nowMs + ms,
          fire() {
            timers.delete(timer);
            resolve();
          },
        };
        if (signal?.aborted === true) resolve();
        else timers.add(timer);
        signal?.addEventListener('abort', () => timer.fire(), { once: true });
      }),
    async hold(work) {
      held += 1;
      try {
        return await work;
      } finally {
        held -= 1;
      }
    },
    async runUntil(isDone, withinMs) {
      const endMs = nowMs + withinMs;
      for (;;) {
        await settle();
        if (isDone()) return true;
        const [next] = [...timers].toSorted((one, other) => one.atMs - other.atMs);
        if (next === undefined || next.atMs > endMs) return false;
        nowMs = Math.max(nowMs, next.atMs);
        next.fire();
      }
    },
  };
}
