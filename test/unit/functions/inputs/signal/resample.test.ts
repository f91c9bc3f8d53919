import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { samplesOf } from '../../../../../functions/inputs/signal/recording.ts';
import { createResampleBack } from '../../../../../functions/inputs/signal/resample/resample-back.ts';
import { inverse, ratioOf } from '../../../../../functions/inputs/signal/resample/ratio.ts';
import { resampled } from '../../../../../functions/inputs/signal/resample/resampled.ts';

interface Case {
  readonly rate: number;
  readonly wanted: number;
  readonly up: number;
  readonly down: number;
  readonly samples: readonly number[];
  readonly there: readonly number[];
  readonly back: readonly number[];
}

/** scipy's own. */
const { resample: CASES } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../fixtures/signals/cases.json'), 'utf8'),
) as { readonly resample: readonly Case[] };

function expectClose(ours: ArrayLike<number>, theirs: readonly number[], within: number): void {
  expect(ours).toHaveLength(theirs.length);
  const worst = Math.max(...theirs.map((value, index) => Math.abs(value - (ours[index] ?? NaN))));
  expect(worst).toBeLessThan(within);
}

describe('resampled()', () => {
  it.each(CASES)('gives what scipy gives, from $rate to $wanted Hz', ({ samples, ...expected }) => {
    const ratio = ratioOf(expected.rate, expected.wanted);
    const signal = resampled(
      samplesOf(samples.length, (index) => samples[index] ?? NaN),
      ratio,
    );
    const values = new Float64Array(signal.length);

    // In stretches that have nothing to do with the filter.
    for (let start = 0; start < signal.length; start += 7) {
      signal.read(start, Math.min(7, signal.length - start), values.subarray(start));
    }

    expect(ratio).toEqual({ up: expected.up, down: expected.down });
    expectClose(values, expected.there, 1e-10);
  });

  it('gives the signal itself at its own rate', () => {
    const signal = samplesOf(20, (index) => index);

    expect(resampled(signal, ratioOf(7, 7))).toBe(signal);
  });
});

describe('createResampleBack()', () => {
  it.each(CASES)('gives what scipy gives, back to $rate Hz', ({ there, back, ...expected }) => {
    for (const size of [1, 5, there.length]) {
      const target = new Float32Array(back.length);
      const sink = createResampleBack(
        inverse(ratioOf(expected.rate, expected.wanted)),
        there.length,
        target,
      );
      for (let start = 0; start < there.length; start += size) {
        sink.push(Float64Array.from(there.slice(start, start + size)));
      }
      // 32 bits hold seven digits.
      expectClose(target, back, 1e-5);
    }
  });
});

describe('ratioOf()', () => {
  it.each([
    [50e6, 100e6, 2, 1],
    [1e9, 1, 1, 1000],
    [1, 1e9, 1000, 1],
    [44_100, 48_000, 160, 147],
    [Math.PI, 1, 113, 355],
    [1 / 2e-8, 50e6, 1, 1],
  ])('rounds %d to %d Hz to a ratio of small numbers', (from, to, up, down) => {
    expect(ratioOf(from, to)).toEqual({ up, down });
    expect(ratioOf(to, from)).toEqual({ up: down, down: up });
  });
});
