import type { Samples } from '../inputs/signal/recording.ts';

/** A window of a signal as the network sees it, and the way back. */
export interface Window {
  /** Its samples as they are; fewer than a window at the end of a signal. */
  readonly samples: Float64Array;
  /** What was taken off each sample, and what it was then divided by; 0 when all samples are equal. */
  readonly mean: number;
  readonly scale: number;
}

/** Samples that differ by no more than rounding are equal. */
const SMALLEST_SHARE = 1e-12;

/** How the windows of a signal lie: each begins `hop` after the one before. */
export interface WindowPlan {
  readonly window: number;
  readonly overlap: number;
  readonly hop: number;
  readonly count: number;
}

/** Windows that cover `length` samples. */
export function planWindows(length: number, window: number, overlap: number): WindowPlan {
  const hop = window - overlap;
  return { window, overlap, hop, count: Math.max(1, Math.ceil((length - overlap) / hop)) };
}

/** Reads the window `index`. */
export function readWindow(signal: Samples, plan: WindowPlan, index: number): Window {
  const start = index * plan.hop;
  const samples = new Float64Array(Math.min(plan.window, signal.length - start));
  signal.read(start, samples.length, samples);
  return { samples, ...normalisationOf(samples) };
}

/** Mean and root mean square around it. */
function normalisationOf(samples: Float64Array): Pick<Window, 'mean' | 'scale'> {
  let sum = 0;
  let largest = 0;
  // By index: an iterator makes an object of each of ten million numbers.
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    sum += sample;
    largest = Math.max(largest, Math.abs(sample));
  }
  const mean = sum / samples.length;
  let squares = 0;
  for (let index = 0; index < samples.length; index += 1) {
    squares += ((samples[index] ?? 0) - mean) ** 2;
  }
  const scale = Math.sqrt(squares / samples.length);
  return { mean, scale: scale > SMALLEST_SHARE * largest ? scale : 0 };
}

/** Writes the window with a mean of 0 and a power of 1 to `row` of `tensor`; zeros behind its end. */
export function writeRow({ samples, mean, scale }: Window, tensor: Float32Array, at: number): void {
  if (scale === 0) return;
  for (let index = 0; index < samples.length; index += 1) {
    tensor[at + index] = ((samples[index] ?? 0) - mean) / scale;
  }
}
