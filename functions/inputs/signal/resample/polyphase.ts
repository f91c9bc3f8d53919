import type { Ratio } from './ratio.ts';

/** A low-pass filter, cut into one row of coefficients for each place that a new sample can have between old ones. */
export interface Polyphase extends Ratio {
  /** Old samples before and after a new one that count. */
  readonly reach: number;
  /** `up` rows of 2 `reach` + 1. */
  readonly coefficients: Float64Array;
}

/** Zero crossings of the sinc on each side, and the window's shape: those of `scipy.signal.resample_poly`. */
const CROSSINGS = 10;
const KAISER_BETA = 5;

/**
 * The filter of `scipy.signal.resample_poly`: a sinc that lets through what both rates can show, in a Kaiser window.
 * https://github.com/scipy/scipy/blob/v1.17.1/scipy/signal/_signaltools.py
 */
export function createPolyphase({ up, down }: Ratio): Polyphase {
  const widest = Math.max(up, down);
  const half = CROSSINGS * widest;
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let index = 0; index < taps.length; index += 1) {
    const at = index - half;
    const inside = Math.sqrt(1 - (at / half) ** 2);
    const tap = sinc(at / widest) * besselI0(KAISER_BETA * inside);
    taps[index] = tap;
    sum += tap;
  }
  const reach = Math.ceil(half / up);
  const width = 2 * reach + 1;
  const coefficients = new Float64Array(up * width);
  for (let phase = 0; phase < up; phase += 1) {
    for (let place = 0; place < width; place += 1) {
      const tap = taps[phase + half - (place - reach) * up] ?? 0;
      coefficients[phase * width + place] = (tap / sum) * up;
    }
  }
  return { up, down, reach, coefficients };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of the first kind and order zero, by its series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let index = 1; term > sum * 1e-17; index += 1) {
    term *= (x / (2 * index)) ** 2;
    sum += term;
  }
  return sum;
}

/** A stretch of a signal, and where it lies in it. */
export interface Stretch {
  readonly start: number;
  readonly samples: Float64Array;
  /** Of the whole signal: what lies beyond its ends is like its first and its last sample. */
  readonly wholeLength: number;
}

/** Old samples that the new ones from `start` on are made of. */
export function neededFor(
  { up, down, reach }: Polyphase,
  start: number,
  count: number,
  wholeLength: number,
): { readonly start: number; readonly end: number } {
  const first = Math.floor((start * down) / up) - reach;
  const last = Math.floor(((start + count - 1) * down) / up) + reach;
  return {
    start: Math.min(Math.max(0, first), wholeLength - 1),
    end: Math.min(wholeLength, Math.max(last + 1, 1)),
  };
}

/** Writes `count` new samples, from the place `start` on, to the front of `target`. */
export function applyPolyphase(
  { up, down, reach, coefficients }: Polyphase,
  old: Stretch,
  start: number,
  count: number,
  target: Float64Array | Float32Array,
): void {
  const width = 2 * reach + 1;
  const { samples, start: offset, wholeLength } = old;
  for (let index = 0; index < count; index += 1) {
    const exact = (start + index) * down;
    const center = Math.floor(exact / up);
    const row = (exact - center * up) * width;
    const first = center - reach;
    let sum = 0;
    if (first >= 0 && first + width <= wholeLength) {
      const base = first - offset;
      for (let tap = 0; tap < width; tap += 1) {
        sum += (coefficients[row + tap] ?? 0) * (samples[base + tap] ?? 0);
      }
    } else {
      for (let tap = 0; tap < width; tap += 1) {
        const place = Math.min(Math.max(0, first + tap), wholeLength - 1);
        sum += (coefficients[row + tap] ?? 0) * (samples[place - offset] ?? 0);
      }
    }
    target[index] = sum;
  }
}
