import { describe, expect, it } from 'vitest';

import { readByteRange } from '../../../../functions/batch/byte-range.ts';
import { RangeNotSatisfiableError } from '../../../../functions/runtime/errors.ts';

const WHOLE = { sizeBytes: 100, etag: '"one"' };

describe('readByteRange()', () => {
  it.each([
    ['bytes=0-', { start: 0, end: 100 }],
    ['bytes=40-', { start: 40, end: 100 }],
    ['bytes=40-49', { start: 40, end: 50 }],
    ['bytes=99-99', { start: 99, end: 100 }],
    ['bytes=40-1000', { start: 40, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
  ])('%s', (range, found) => {
    expect(readByteRange({ range }, WHOLE)).toEqual(found);
  });

  // RFC 9110, 14.2: what is not understood is as if it were not there.
  it.each([
    undefined,
    '',
    'bytes=-',
    'bytes=50-40',
    'bytes=0-1,5-6',
    'lines=0-',
    'bytes=a-',
    'bytes=1.5-',
  ])('takes %s for all of it', (range) => {
    expect(readByteRange(range === undefined ? {} : { range }, WHOLE)).toBeUndefined();
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', `bytes=${'9'.repeat(30)}-`])(
    'refuses %s: there is nothing',
    (range) => {
      expect(() => readByteRange({ range }, WHOLE)).toThrow(RangeNotSatisfiableError);
    },
  );

  it('takes a range of another state for all of it', () => {
    const range = 'bytes=40-';

    expect(readByteRange({ range, 'if-range': '"one"' }, WHOLE)).toBeDefined();
    expect(readByteRange({ range, 'if-range': '"two"' }, WHOLE)).toBeUndefined();
  });
});
