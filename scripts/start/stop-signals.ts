/** Signals that ask for an end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C reaches us from the terminal and again from npm and the bootstrap, which pass it on. What comes
 * within this time of the first is the same wish.
 */
const SAME_WISH_MS = 500;

/** How often to look whether the bootstrap is still there. */
const PARENT_POLL_MS = 500;

/** What to do when the end is asked for. */
export interface StopSignals {
  /** The first wish: end in order. */
  readonly stop: () => void;
  /** The second: end now. */
  readonly kill: () => void;
}

/**
 * Calls `stop` at the first signal and `kill` at the next. The death of process `parentPid` (the bootstrap,
 * which cannot tell us when it dies of SIGKILL) is a signal too.
 */
export function onStopSignals({ stop, kill }: StopSignals, parentPid: number): void {
  let firstAt: number | undefined;
  const receive = (): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop();
    } else if (performance.now() - firstAt > SAME_WISH_MS) {
      kill();
    }
  };
  for (const signal of SIGNALS) process.on(signal, receive);
  // A pid that an outer bootstrap left in the environment is not our parent.
  if (parentPid !== process.ppid) return;
  const poll = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(poll);
    receive();
  }, PARENT_POLL_MS);
  poll.unref();
}
