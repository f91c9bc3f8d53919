import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createTextStacker } from '../../../../../functions/inputs/tokens/stack-texts.ts';

const assets = new Map([
  [
    'tokenizer.json',
    readFileSync(new URL('../../../../fixtures/tokens/clip.json', import.meta.url)),
  ],
]);
const constants = { tokenizer: 'tokenizer.json', max_tokens: 12, pad_id: 7 };

describe('createTextStacker()', () => {
  it('fills up to the longest text, or to what the model reads', async () => {
    const texts = ['a', 'a photo', 'photo '.repeat(99)];

    const longest = await createTextStacker(assets, constants, 'longest').stack(texts.slice(0, 2));
    const limit = await createTextStacker(assets, constants, 'limit').stack(texts);

    expect(longest.ids.shape).toEqual([2, 4]);
    expect(limit.ids.shape).toEqual([3, 12]);
    const [short = [], , cut = []] = [0, 1, 2].map((row) =>
      Array.from(limit.mask.data.slice(row * 12, row * 12 + 12), Number),
    );
    expect(short).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(cut).toEqual(Array(12).fill(1));
    expect(Array.from(limit.ids.data.slice(3, 12), Number)).toEqual(Array(9).fill(7));
  });

  it('takes no texts', async () => {
    const { ids, mask } = await createTextStacker(assets, constants, 'longest').stack([]);

    expect([ids.shape, mask.shape]).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  it('lets others have turns while it works on many long words', async () => {
    const word = Array.from({ length: 10_000 }, (_, place) => (place * 7919) ^ (place >> 3))
      .map((number) => String.fromCodePoint(97 + (number % 26)))
      .join('');
    let turns = 0;
    let next = setImmediate(function turn() {
      turns += 1;
      next = setImmediate(turn);
    });

    await createTextStacker(assets, constants, 'longest').stack(Array(40).fill(word));
    clearImmediate(next);

    expect(turns).toBeGreaterThan(5);
  });

  it('refuses a package without its tokenizer', () => {
    expect(() => createTextStacker(new Map(), constants, 'limit')).toThrow('no tokenizer');
  });
});
