import { describe, expect, it } from 'vitest';

import { requireClose } from '../../../../scripts/build/self-test-requests.ts';

const tolerance = { absolute: 0.01, relative: 0.1 };
const check = (ours: unknown, theirs: unknown) => () =>
  requireClose(ours, theirs, tolerance, 'here');

describe('requireClose()', () => {
  it.each([
    ['the same', { a: [1, 'x', true, null] }, { a: [1, 'x', true, null] }],
    ['numbers within the tolerance', [10.9, 0.005], [10, 0]],
    ['more than was asked for', { a: 1, envelope: 2 }, { a: 1 }],
  ])('accepts %s', (_what, ours, theirs) => {
    expect(check(ours, theirs)).not.toThrow();
  });

  it.each([
    ['a number too far off', { a: [1, 11.2] }, { a: [1, 10] }, 'here.a[1]: is 11.2, must be 10'],
    ['NaN', [NaN], [0], 'here[0]'],
    ['another class', { label: 'a' }, { label: 'b' }, 'here.label: is "a", must be "b"'],
    ['a missing key', {}, { label: 'b' }, 'here.label'],
    ['fewer items', [1], [1, 2], 'here: is [1]'],
    ['text for a number', ['1'], [1], 'here[0]'],
  ])('refuses %s', (_what, ours, theirs, message) => {
    expect(check(ours, theirs)).toThrow(message);
  });
});
