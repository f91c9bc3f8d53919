import { describe, expect, it } from 'vitest';

import { createPulseFinder } from '../../../../functions/denoise/find-pulses.ts';
import type { FoundPulse } from '../../../../functions/denoise/find-pulses.ts';

const CONSTANTS = { threshold: 2, shortest_gap: 16 };
const LENGTH = 1000;

/** Of [start, height, decay, period?]. */
type Pulse = readonly [start: number, height: number, decay: number, period?: number];

function signalOf(...pulses: readonly Pulse[]): Float64Array {
  const signal = new Float64Array(LENGTH);
  for (const [start, height, decay, period] of pulses) {
    for (let index = start; index < LENGTH; index += 1) {
      const turn = period === undefined ? 1 : Math.cos((2 * Math.PI * (index - start)) / period);
      signal[index] = (signal[index] ?? 0) + height * Math.exp(-(index - start) / decay) * turn;
    }
  }
  return signal;
}

/** With the same error everywhere, in pieces of `size`. */
function find(signal: Float64Array, error = 0.1, size = LENGTH): FoundPulse[] {
  const found: FoundPulse[] = [];
  const finder = createPulseFinder(CONSTANTS, (pulse) => found.push(pulse));
  for (let start = 0; start < signal.length; start += size) {
    const denoised = signal.subarray(start, start + size);
    finder.push({ denoised, variance: new Float64Array(denoised.length).fill(error * error) });
  }
  finder.end();
  return found;
}

describe('createPulseFinder()', () => {
  it('gives position, signed height and width at half of it', () => {
    const [pulse, ...others] = find(signalOf([200, -5, 20]));

    expect(others).toEqual([]);
    expect(pulse).toEqual({ position: 200, amplitude: -5, width: 14 });
  });

  it('takes an oscillation for one pulse', () => {
    expect(find(signalOf([300, 4, 60, 40]))).toMatchObject([{ position: 300, amplitude: 4 }]);
  });

  it('tells pulses apart that come after each other', () => {
    const found = find(signalOf([100, 3, 10], [300, -2, 10], [400, 1, 10]));

    expect(found.map(({ position }) => position)).toEqual([100, 300, 400]);
  });

  it('finds a pulse of the same height in what is left of another', () => {
    const found = find(signalOf([100, 3, 60], [300, 3, 60]), 0.001);

    expect(found.map(({ position }) => position)).toEqual([100, 300]);
  });

  it('does not take the tail of a pulse for another one', () => {
    expect(find(signalOf([100, 3, 120]), 0.0001)).toHaveLength(1);
  });

  it.each([
    ['silence', 0],
    ['less than twice the expected error', 0.19],
  ])('finds nothing in %s', (_, height) => {
    expect(find(signalOf([200, height, 20]))).toEqual([]);
  });

  it('finds nothing where nothing is and no error is expected', () => {
    expect(find(new Float64Array(LENGTH), 0)).toEqual([]);
  });

  it('finds a pulse that begins with the signal or ends with it', () => {
    const found = find(signalOf([0, 2, 15], [995, -2, 15]));

    expect(found.map(({ position }) => position)).toEqual([0, 995]);
  });

  it.each([1, 7, 64, 333])('finds the same in pieces of %d samples', (size) => {
    const signal = signalOf([63, 3, 30], [400, -2, 25, 30], [700, 1, 5]);

    expect(find(signal, 0.1, size)).toEqual(find(signal));
  });
});
