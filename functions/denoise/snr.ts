import type { Piece } from './overlap-add.ts';

/** Signal to noise, estimated without knowing the signal. */
export interface SnrEstimate {
  /** dB; null when there is nothing but one value. */
  readonly before: number | null;
  readonly after: number | null;
}

/**
 * Adds up pieces of a denoised signal to its signal-to-noise ratios before and after, in dB.
 *
 * With x measured, s the output and v the square of the error that the network expects of it, sums over all samples:
 * signal = sum(s^2 + v), noise before = sum((x - s)^2 + v), noise after = sum(v). That is what the ratios are in the mean
 * when s is the mean of all signals that x allows, which is what training with squared errors aims at.
 */
export function createSnrEstimate(): {
  push(piece: Piece): void;
  estimate(): SnrEstimate;
} {
  const sums = { output: 0, removed: 0, error: 0 };
  return {
    push({ noisy, denoised, variance }) {
      let { output, removed, error } = sums;
      for (let index = 0; index < denoised.length; index += 1) {
        const value = denoised[index] ?? 0;
        output += value * value;
        removed += ((noisy[index] ?? 0) - value) ** 2;
        error += variance[index] ?? 0;
      }
      Object.assign(sums, { output, removed, error });
    },
    estimate() {
      const { output, removed, error } = sums;
      const signal = output + error;
      if (!(error > 0)) return { before: null, after: null };
      return {
        before: 10 * Math.log10(signal / (removed + error)),
        after: 10 * Math.log10(signal / error),
      };
    },
  };
}
