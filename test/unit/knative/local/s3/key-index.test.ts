import { describe, expect, it } from 'vitest';

import { compareKeys, KeyIndex } from '../../../../../knative/local/s3/key-index.ts';

const KEYS = [
  '',
  ' ',
  'B',
  'a',
  'a/1',
  'aa',
  'é',
  '\uD7FF',
  '\uE000',
  '～',
  '\uFFFF',
  '🚀',
  '\u{10FFFF}',
];

const keysFrom = (index: KeyIndex<number>, from: string): string[] =>
  [...index.from(from)].map(([key]) => key);

describe('compareKeys()', () => {
  it('orders like the UTF-8 bytes', () => {
    for (const one of KEYS) {
      for (const other of KEYS) {
        const expected = Buffer.compare(Buffer.from(one), Buffer.from(other));
        expect(Math.sign(compareKeys(one, other)), `${one} ${other}`).toBe(expected);
      }
    }
  });
});

describe('KeyIndex', () => {
  it('keeps order through inserts, replacements and deletes', () => {
    const index = new KeyIndex<number>();

    for (const [n, key] of KEYS.toReversed().entries()) index.set(key, n);
    index.set('a', 99);
    index.delete('aa');
    index.delete('not there');

    expect(keysFrom(index, '')).toEqual(KEYS.filter((key) => key !== 'aa'));
    expect(index.get('a')).toBe(99);
    expect(index.get('aa')).toBeUndefined();
  });

  it('begins at a key, whether it is there or not', () => {
    const index = new KeyIndex<number>();
    index.fill(['c', 'a', 'e'].map((key) => [key, 1]));

    expect(keysFrom(index, 'c')).toEqual(['c', 'e']);
    expect(keysFrom(index, 'b')).toEqual(['c', 'e']);
    expect(keysFrom(index, 'f')).toEqual([]);
  });
});
