import { describe, expect, it } from 'vitest';

import { csvFields } from '../../../../../events/jobs/records/csv-row.ts';

describe('csvFields()', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b",c', ['a"b', 'c']],
    ['"line\nbreak",""', ['line\nbreak', '']],
    ['a"b,c', ['a"b', 'c']],
    ['"a",', ['a', '']],
    [' "a", b ', [' "a"', ' b ']],
  ])('reads %j', (row, expected) => {
    expect(csvFields(row, ',')).toEqual(expected);
  });

  it('splits at another delimiter', () => {
    expect(csvFields('1,5;"a;b"', ';')).toEqual(['1,5', 'a;b']);
  });

  it.each(['"a', '"a"b,c', '"'])('refuses %j', (row) => {
    expect(() => csvFields(row, ',')).toThrow(SyntaxError);
  });
});
