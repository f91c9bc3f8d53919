import { describe, expect, it } from 'vitest';

import { carefulSpans } from '../../../../events/jobs/careful-spans.ts';

const text = (spans: ReturnType<typeof carefulSpans>): string =>
  spans.map(({ from, to, isCrashed }) => `${from}-${to}${isCrashed ? '!' : ''}`).join(' ');

describe('carefulSpans()', () => {
  it.each([
    { from: 0, to: 10, suspects: [], crashed: [], expected: '0-4 4-8 8-10' },
    { from: 4, to: 8, suspects: [], crashed: [], expected: '4-8' },
    { from: 0, to: 0, suspects: [], crashed: [], expected: '' },
    {
      from: 0,
      to: 8,
      suspects: [{ from: 4, to: 8 }],
      crashed: [],
      expected: '0-4 4-5 5-6 6-7 7-8',
    },
    { from: 0, to: 8, suspects: [], crashed: [5], expected: '0-4 4-5 5-6! 6-8' },
    {
      from: 0,
      to: 8,
      suspects: [{ from: 0, to: 4 }],
      crashed: [0, 7],
      expected: '0-1! 1-2 2-3 3-4 4-7 7-8!',
    },
  ])('cuts $from to $to into $expected', ({ from, to, expected, ...suspicion }) => {
    expect(text(carefulSpans({ from, to }, 4, suspicion))).toBe(expected);
  });
});
