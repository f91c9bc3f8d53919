import { describe, expect, it } from 'vitest';

import { NOWHERE, ROOT, growTree } from '../../../../../functions/inputs/text/term-tree.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

/** The column of a whole term. */
function columnOf(tree: ReturnType<typeof growTree>, term: string): number {
  let node = ROOT;
  for (const sign of term) {
    node = tree.step(node, sign.codePointAt(0) ?? 0);
    if (node === NOWHERE) return NOWHERE;
  }
  return tree.columnAt(node);
}

describe('growTree()', () => {
  it('knows terms, and neither what they begin with nor what goes on', () => {
    const tree = growTree(['ab', 'abc', 'b😀', 'c\ud83d', '\ude00d']);

    const terms = [
      'ab',
      'abc',
      'b😀',
      'c\ud83d',
      '\ude00d',
      'a',
      'b',
      'abcd',
      'ba',
      'b\ud83d',
      '',
      'z',
    ];
    expect(terms.map((term) => columnOf(tree, term))).toEqual([
      0,
      1,
      2,
      3,
      4,
      ...Array.from({ length: 7 }, () => NOWHERE),
    ]);
  });

  it('finds every one of many, and nothing else', () => {
    const random = seededRandom(7);
    const term = (): string =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
        String.fromCodePoint(0x20 + Math.floor(random() ** 4 * 0x1f000)),
      ).join('');
    const terms = [...new Set(Array.from({ length: 5000 }, term))];
    const others = Array.from({ length: 5000 }, term).filter((other) => !terms.includes(other));

    const tree = growTree(terms);

    expect(terms.map((one) => columnOf(tree, one))).toEqual([...terms.keys()]);
    expect(others.filter((other) => columnOf(tree, other) !== NOWHERE)).toEqual([]);
  });

  it.each([
    ['twice', ['a', 'b', 'a'], '"a" is empty or there twice'],
    ['empty', [''], '"" is empty or there twice'],
  ])('refuses a term that is %s', (_, terms, message) => {
    expect(() => growTree(terms)).toThrow(message);
  });
});
