import { describe, expect, it } from 'vitest';

import { createOverlapAdd } from '../../../../functions/denoise/overlap-add.ts';
import { planWindows, readWindow, writeRow } from '../../../../functions/denoise/windows.ts';
import { samplesOf } from '../../../../functions/inputs/signal/recording.ts';

const WINDOW = 64;
const OVERLAP = 16;

/** What comes out when the network gives back what it sees. */
function through(signal: readonly number[]): { samples: number[]; pieces: number } {
  const source = samplesOf(signal.length, (index) => signal[index] ?? NaN);
  const plan = planWindows(signal.length, WINDOW, OVERLAP);
  const add = createOverlapAdd(plan);
  const samples: number[] = [];
  for (let index = 0; index < plan.count; index += 1) {
    const window = readWindow(source, plan, index);
    const row = new Float32Array(WINDOW);
    writeRow(window, row, 0);
    // Its mean is interference.
    const piece = add({ window, denoised: row, variance: new Float32Array(WINDOW).fill(0.5) });
    expect(piece.noisy).toHaveLength(piece.denoised.length);
    expect(piece.variance).toHaveLength(piece.denoised.length);
    samples.push(...piece.denoised);
  }
  return { samples, pieces: plan.count };
}

describe('windows and overlap-add', () => {
  it.each([
    [16, 1],
    [63, 1],
    [64, 1],
    [65, 2],
    [112, 2],
    [113, 3],
    [1000, 21],
  ])('put %d samples together from %d windows', (length, windows) => {
    // Without a mean in any window, the network that changes nothing gives back the signal.
    const signal = Array.from({ length }, (_, index) => (index % 2 === 0 ? 1e6 : -1e6));

    const { samples, pieces } = through(signal);

    expect(pieces).toBe(windows);
    expect(samples).toHaveLength(length);
    for (const [index, value] of samples.entries()) {
      expect(Math.abs(value - (signal[index] ?? 0))).toBeLessThan(length % 2 === 0 ? 1 : 7e4);
    }
  });

  it.each([
    ['zeros', 0],
    ['a value', 12.5],
    ['a value that cannot be written exactly', 0.1],
    ['a large one', -1e30],
    ['a small one', 1e-300],
  ])('take nothing but %s for nothing', (_, value) => {
    const { samples } = through(Array.from({ length: 200 }, () => value));

    expect(samples.every((sample) => sample === 0)).toBe(true);
  });

  it('fade from one window into the next', () => {
    const plan = planWindows(112, WINDOW, OVERLAP);
    const add = createOverlapAdd(plan);
    const window = { samples: new Float64Array(WINDOW), mean: 0, scale: 2 };
    const constant = (value: number) => new Float32Array(WINDOW).fill(value);

    const first = add({ window, denoised: constant(1), variance: constant(1) });
    const second = add({ window, denoised: constant(3), variance: constant(3) });

    expect(new Set(first.denoised)).toEqual(new Set([2]));
    expect(second.denoised[0]).toBeCloseTo(2, 1);
    expect(second.denoised[OVERLAP - 1]).toBeCloseTo(6, 1);
    expect([...second.denoised].every((value, index, all) => value >= (all[index - 1] ?? 2))).toBe(
      true,
    );
    // Of a power, scales count twice.
    expect(second.variance.at(-1)).toBe(12);
  });
});
