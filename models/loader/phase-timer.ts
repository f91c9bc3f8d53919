import type { OnLoadEvent } from './load-event.ts';
import type { Phase, PhaseTimes } from './loaded-model.ts';

/** Measures the steps of a load, one after the other. */
export interface PhaseTimer {
  /** Ends the current step under this name; the next one begins. */
  end(phase: Phase): void;
  /** Notes `ready`, the time since the process started, and returns all. */
  finish(): PhaseTimes;
}

/**
 * Starts measuring.
 * @param startedAtMs When the process (or what counts as it) started, on the clock of `performance.now()`;
 *   0 is the process's own start.
 */
export function startPhases(startedAtMs: number, onEvent: OnLoadEvent): PhaseTimer {
  const times: Partial<Record<Phase, number>> = {};
  let begunAt = startedAtMs;
  const note = (phase: Phase, since: number): void => {
    const now = performance.now();
    const ms = Math.round((now - since) * 1000) / 1000;
    times[phase] = ms;
    begunAt = now;
    onEvent({ event: 'phase', phase, ms });
  };
  return {
    end: (phase) => note(phase, begunAt),
    finish() {
      note('ready', startedAtMs);
      return times;
    },
  };
}
