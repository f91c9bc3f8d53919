import { describe, expect, it } from 'vitest';

import { compare } from '../../../../functions/clip/compare.ts';

describe('compare()', () => {
  it('gives cosines, and their softmax after the scale', () => {
    const { similarities, probabilities } = compare(
      [1, 0],
      [
        [0.6, 0.8],
        [0, 1],
      ],
      10,
    );

    expect(similarities).toEqual([0.6, 0]);
    const odds = Math.exp(6);
    expect(probabilities[0]).toBeCloseTo(odds / (odds + 1), 12);
    expect(probabilities[1]).toBeCloseTo(1 / (odds + 1), 12);
  });

  it('gives a single text the probability 1', () => {
    expect(compare([1, 0], [[-1, 0]], 100)).toEqual({ similarities: [-1], probabilities: [1] });
  });

  it('stays within bounds where 32 bits pass them', () => {
    const long = Math.fround(1.000_000_1);

    const { similarities, probabilities } = compare(
      [long, 0],
      [
        [long, 0],
        [-long, 0],
      ],
      1e6,
    );

    expect(similarities).toEqual([1, -1]);
    expect(probabilities).toEqual([1, 0]);
  });
});
