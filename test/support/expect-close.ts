import { expect } from 'vitest';

/** Expects as many numbers, none further from its counterpart than `tolerance`; what is missing is never close. */
export function expectClose(
  ours: readonly number[] = [],
  theirs: readonly number[] = [NaN],
  tolerance = 1e-5,
): void {
  expect(ours).toHaveLength(theirs.length);
  const differences = theirs.map((value, place) => Math.abs((ours[place] ?? NaN) - value));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}
