import type { Window, WindowPlan } from './windows.ts';

/** What the network made of a window, in the window's own normalisation. */
export interface DenoisedWindow {
  readonly window: Window;
  readonly denoised: Float32Array;
  readonly variance: Float32Array;
}

/** A piece of a denoised signal; pieces come one after the other, without gaps. */
export interface Piece {
  /** As it was measured. */
  readonly noisy: Float64Array;
  readonly denoised: Float64Array;
  /** The square of the error that `denoised` is expected to have. */
  readonly variance: Float64Array;
}

/** Puts windows together again: give it one after the other, and take what is finished. */
export function createOverlapAdd(plan: WindowPlan): (next: DenoisedWindow) => Piece {
  const { overlap, hop, count } = plan;
  const fade = fadeIn(overlap);
  let index = 0;
  // Of the window before, what the next one fades into.
  let before = { denoised: new Float64Array(overlap), variance: new Float64Array(overlap) };
  return ({ window, denoised, variance }) => {
    const { samples, scale } = window;
    const isLast = index === count - 1;
    const size = samples.length;
    const values = new Float64Array(size);
    const variances = new Float64Array(size);
    const power = scale * scale;
    for (let place = 0; place < size; place += 1) {
      values[place] = (denoised[place] ?? 0) * scale;
      variances[place] = (variance[place] ?? 0) * power;
    }
    if (index > 0) {
      for (let place = 0; place < Math.min(overlap, size); place += 1) {
        const weight = fade[place] ?? 0;
        values[place] = mix(before.denoised[place], values[place], weight);
        variances[place] = mix(before.variance[place], variances[place], weight);
      }
    }
    const end = isLast ? size : hop;
    before = { denoised: values.subarray(end), variance: variances.subarray(end) };
    index += 1;
    return {
      noisy: samples.subarray(0, end),
      denoised: values.subarray(0, end),
      variance: variances.subarray(0, end),
    };
  };
}

/** Weights of a window's first samples; with those of the window before they add up to 1. */
function fadeIn(overlap: number): Float64Array {
  return Float64Array.from(
    { length: overlap },
    (_, place) => Math.sin((Math.PI / 2) * ((place + 0.5) / overlap)) ** 2,
  );
}

function mix(before = 0, after = 0, weight: number): number {
  return before + (after - before) * weight;
}
