/** Where a process stands. It only ever moves to the right. */
export type State = 'starting' | 'ready' | 'draining';

/** The state of this process and the requests it has not answered yet. */
export interface Lifecycle {
  state(): State;
  /** Moves on; from `draining` there is no way back. */
  enter(next: Exclude<State, 'starting'>): void;
  /** Counts a request as in flight until `response` is over. */
  track(response: { on(event: 'close', listener: () => void): unknown }): void;
  /** Resolves when no request is in flight. */
  idle(): Promise<void>;
  inFlight(): number;
  /** Requests counted so far. */
  arrivals(): number;
}

/** A process that is starting. */
export function createLifecycle(): Lifecycle {
  let state: State = 'starting';
  let inFlight = 0;
  let arrivals = 0;
  let waiting: (() => void)[] = [];
  return {
    state: () => state,
    enter(next) {
      if (state !== 'draining') state = next;
    },
    track(response) {
      inFlight += 1;
      arrivals += 1;
      response.on('close', () => {
        inFlight -= 1;
        if (inFlight > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      });
    },
    async idle() {
      if (inFlight === 0) return;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    },
    inFlight: () => inFlight,
    arrivals: () => arrivals,
  };
}
