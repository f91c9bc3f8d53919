import { backoffMs } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import type { Session, SessionPool } from '../loaded-model.ts';
import type { OnLoadEvent } from '../load-event.ts';
import { reasonOf } from '../model-load-error.ts';
import type { WorkerSession } from './worker-session.ts';

/** How a pool gets its sessions. */
export interface PoolOptions {
  readonly size: number;
  /** A new session, open and proven. */
  readonly start: () => Promise<WorkerSession>;
  readonly backoff: Backoff;
  readonly onEvent: OnLoadEvent;
}

/** A pool that can be closed. */
export interface OwnedPool extends SessionPool {
  /** Starts the sessions that are missing, one after the other. */
  grow(): void;
  /** Ends all sessions. */
  close(): Promise<void>;
}

/** A session that lived so long does not count as one of a row of failures. */
const LONG_LIFE_MS = 10_000;
/** Before a lost session is made good: requests that crash processes must not keep the others out for long. */
const MAX_PAUSE_MS = 1000;

/** A pool of `size` sessions, of which the first is there. One that is lost is made good at once. */
export function openPool(first: WorkerSession, options: PoolOptions): OwnedPool {
  const { size, start, backoff, onEvent } = options;
  const live: WorkerSession[] = [];
  const closing = new AbortController();
  let listeners: (() => void)[] = [];
  /** Sessions lost without a long life between them. */
  let losses = 0;
  let failedAttempts = 0;
  let nextAttemptMs = 0;
  let growing: Promise<void> | undefined;

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function adopt(session: WorkerSession): void {
    const bornMs = performance.now();
    live.push(session);
    failedAttempts = 0;
    onEvent({ event: 'session-started', sessions: live.length, pid: session.process.pid });
    void session.process.ended.then((reason) => {
      if (closing.signal.aborted) return;
      live.splice(live.indexOf(session), 1);
      losses = performance.now() - bornMs > LONG_LIFE_MS ? 1 : losses + 1;
      onEvent({ event: 'session-lost', reason, sessions: live.length });
      changed();
      grow();
    });
    changed();
  }

  function grow(): void {
    growing ??= fill().finally(() => {
      growing = undefined;
      // One was lost while the last one was being started.
      if (live.length < size && !closing.signal.aborted) grow();
    });
  }

  function waitBeforeMs(): number {
    if (failedAttempts > 0) return backoffMs(failedAttempts, backoff);
    // The first loss is made good at once: whatever ended the process, requests wait.
    if (losses <= 1) return 0;
    return backoffMs(losses - 1, { ...backoff, capMs: Math.min(backoff.capMs, MAX_PAUSE_MS) });
  }

  async function fill(): Promise<void> {
    let failure: unknown;
    while (live.length < size && !closing.signal.aborted) {
      const waitMs = waitBeforeMs();
      nextAttemptMs = performance.now() + waitMs;
      if (failure !== undefined) {
        onEvent({ event: 'session-failed', reason: reasonOf(failure), retryInMs: waitMs });
        changed();
      }
      if (waitMs > 0) await backoff.sleep(waitMs, closing.signal).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        const session = await start();
        if (closing.signal.aborted) await session.release();
        else adopt(session);
        failure = undefined;
      } catch (cause) {
        failedAttempts += 1;
        failure = cause;
      }
    }
  }

  adopt(first);
  return {
    grow,
    size,
    sessions: () => live,
    replace(session: Session, reason) {
      live.find((one) => one === session)?.process.kill(reason);
    },
    outage: () =>
      live.length === 0 && failedAttempts > 0
        ? { retryInMs: Math.max(0, nextAttemptMs - performance.now()) }
        : undefined,
    watch: (listener) => void listeners.push(listener),
    async close() {
      closing.abort();
      listeners = [];
      await Promise.all(live.map((session) => session.release()));
      await growing;
    },
  };
}
