import { describe, expect, it } from 'vitest';

import { createNormalise } from '../../../../../functions/inputs/image/normalise.ts';

describe('createNormalise()', () => {
  it('writes planes of scaled, centred values at the offset, and nothing else', () => {
    const normalise = createNormalise({
      scale: 1 / 255,
      mean: [0.5, 0.25, 0],
      standard_deviation: [0.5, 0.25, 2],
    });
    const target = new Float32Array(8).fill(9);

    normalise({ width: 2, height: 1, data: Uint8Array.of(255, 0, 255, 0, 255, 51) }, target, 1);

    const expected = [9, 1, -1, -1, 3, 0.5, 0.1, 9];
    for (const [index, value] of expected.entries()) expect(target[index]).toBeCloseTo(value, 6);
  });

  it('rounds to 32 bits after each step, as numpy does', () => {
    const normalise = createNormalise({
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      standard_deviation: [0.229, 0.224, 0.225],
    });
    const target = new Float32Array(3);

    normalise({ width: 1, height: 1, data: Uint8Array.of(100, 200, 37) }, target, 0);

    // (numpy.float32(value) * float32(1/255) - float32(mean)) / float32(deviation), printed in full.
    expect([...target]).toEqual([-0.4054284393787384, 1.465686559677124, -1.1595641374588013]);
  });
});
