import { setTimeout as wait } from 'node:timers/promises';

/** How to wait between attempts. */
export interface Backoff {
  /** Before the second attempt, in milliseconds; doubled for each one after it. */
  readonly firstMs: number;
  /** Never longer than this, in milliseconds. */
  readonly capMs: number;
  /** From 0 to below 1; part of the wait is left to chance, so that pods do not come back in step. */
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** 100 ms, doubling up to 5 s. */
export const DEFAULT_BACKOFF: Backoff = {
  firstMs: 100,
  capMs: 5000,
  random: Math.random,
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};

/** Milliseconds to wait after `failures` failures in a row: between half and all of the step. */
export function backoffMs(
  failures: number,
  { firstMs, capMs, random }: Omit<Backoff, 'sleep'>,
): number {
  const step = Math.min(capMs, firstMs * 2 ** (failures - 1));
  return Math.round(step * (0.5 + random() / 2));
}
