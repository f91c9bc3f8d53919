import type { DenoisePreprocessing } from './preprocessing.ts';

/** One pulse, in samples of the signal that it was found in. */
export interface FoundPulse {
  /** Where its largest value is. */
  readonly position: number;
  /** That value, with its sign. */
  readonly amplitude: number;
  /** From its first to its last value of at least half of that. */
  readonly width: number;
}

/** Takes a denoised signal piece by piece. */
export interface PulseFinder {
  push(piece: { readonly denoised: Float64Array; readonly variance: Float64Array }): void;
  /** To be called behind the last piece. */
  end(): void;
}

/** How a pulse that is not over yet looks so far. */
interface OpenPulse {
  peak: number;
  peakAt: number;
  amplitude: number;
  /** Each value that was larger than all before, and where: the first of at least half the peak is among them. */
  readonly records: { readonly at: number; readonly value: number }[];
  lastHigh: number;
  /** Samples in a row of at least half the peak: now, and at most. */
  run: number;
  longestRun: number;
}

/**
 * Finds pulses in a denoised signal. One begins where the signal is larger than `threshold` standard deviations of
 * the error that the network expects there. It is over when nothing reached half of its largest value for a while
 * (`shortest_gap` samples, or twice as long as it stayed above half in one go). In what is left of it then, the next
 * one begins only at half of its height; after as much silence, anywhere.
 */
export function createPulseFinder(
  { threshold, shortest_gap: shortestGap }: DenoisePreprocessing['pulses'],
  onPulse: (pulse: FoundPulse) => void,
): PulseFinder {
  let at = 0;
  let open: OpenPulse | undefined;
  /** The pulse before, while it dies away. */
  let tail: { readonly peak: number; readonly gap: number; lastActive: number } | undefined;

  const close = ({ peak, peakAt, amplitude, records, lastHigh }: OpenPulse): void => {
    const first = records.find(({ value }) => value >= peak / 2)?.at ?? peakAt;
    onPulse({ position: peakAt, amplitude, width: lastHigh - first + 1 });
  };

  const step = (value: number, limit: number): void => {
    const height = Math.abs(value);
    if (open !== undefined) {
      grow(open, value, at);
      const gap = Math.max(shortestGap, 2 * open.longestRun);
      if (at - open.lastHigh <= gap) return;
      close(open);
      tail = { peak: open.peak, gap, lastActive: at };
      open = undefined;
      return;
    }
    const isActive = height >= limit && height > 0;
    if (tail !== undefined && isActive && height < tail.peak / 2) tail.lastActive = at;
    else if (isActive) {
      tail = undefined;
      open = beginPulse(value, at);
    } else if (tail !== undefined && at - tail.lastActive > tail.gap) tail = undefined;
  };

  return {
    push({ denoised, variance }) {
      for (let index = 0; index < denoised.length; index += 1) {
        const value = denoised[index] ?? 0;
        const limit = threshold * Math.sqrt(variance[index] ?? 0);
        // Nearly all of a signal is silence.
        if (open !== undefined || tail !== undefined || Math.abs(value) >= limit)
          step(value, limit);
        at += 1;
      }
    },
    end() {
      if (open !== undefined) close(open);
      open = undefined;
    },
  };
}

function beginPulse(value: number, at: number): OpenPulse {
  const peak = Math.abs(value);
  return {
    peak,
    peakAt: at,
    amplitude: value,
    records: [{ at, value: peak }],
    lastHigh: at,
    run: 1,
    longestRun: 1,
  };
}

function grow(pulse: OpenPulse, value: number, at: number): void {
  const height = Math.abs(value);
  if (height > pulse.peak) {
    pulse.peak = height;
    pulse.peakAt = at;
    pulse.amplitude = value;
    pulse.records.push({ at, value: height });
  }
  if (height < pulse.peak / 2) {
    pulse.run = 0;
    return;
  }
  pulse.lastHigh = at;
  pulse.run += 1;
  pulse.longestRun = Math.max(pulse.longestRun, pulse.run);
}
