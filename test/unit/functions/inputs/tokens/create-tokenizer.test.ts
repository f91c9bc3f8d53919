import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createTokenizer } from '../../../../../functions/inputs/tokens/create-tokenizer.ts';
import { stackIds } from '../../../../../functions/inputs/tokens/stack-ids.ts';

type Json = Record<string, unknown>;

const bytes = (name: string): Buffer =>
  readFileSync(new URL(`../../../../fixtures/tokens/${name}.json`, import.meta.url));

/** A fixture's file with some of it replaced. */
function changed(name: string, change: (file: Json) => Json): Buffer {
  const file = JSON.parse(bytes(name).toString()) as Json;
  return Buffer.from(JSON.stringify({ ...file, ...change(file) }));
}

const withModel = (name: string, model: Json) =>
  changed(name, (file) => ({ model: { ...(file['model'] as Json), ...model } }));

const splitBy = (pattern: string) =>
  changed('clip', () => ({
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: pattern },
      behavior: 'Removed',
      invert: true,
    },
  }));

describe('createTokenizer()', () => {
  it.each<[string, Buffer, RegExp]>([
    ['what is not JSON', Buffer.from('{'), /JSON/],
    ['another normalizer', changed('clip', () => ({ normalizer: { type: 'NFKC' } })), /normalizer/],
    [
      'another pre-tokenizer',
      changed('clip', () => ({ pre_tokenizer: { type: 'Metaspace' } })),
      /pre_tokenizer/,
    ],
    ['another model', changed('bert', () => ({ model: { type: 'Unigram', vocab: [] } })), /model/],
    ['dropout', withModel('clip', { dropout: 0.1 }), /dropout/],
    ['byte fallback', withModel('clip', { byte_fallback: true }), /byte_fallback/],
    ['an unknown token that is none', withModel('bert', { unk_token: '[X]' }), /"\[X\]" is not in/],
    ['a merge of no tokens', withModel('clip', { merges: [['zz', 'q']] }), /"zz" is not in/],
    ['a merge to no token', withModel('clip', { merges: [['ÿ', 'ÿ']] }), /"ÿÿ" is not in/],
    ['an id that is none', withModel('bert', { vocab: { a: 0.5 } }), /whole numbers/],
    ['a list for a vocabulary', withModel('bert', { vocab: ['a'] }), /whole numbers/],
    ['a merge of three', withModel('clip', { merges: [['a', 'b', 'c']] }), /pairs of tokens/],
    ['a merge of numbers', withModel('clip', { merges: [[1, 2]] }), /pairs of tokens/],
    ['half a merge', withModel('clip', { merges: ['a'] }), /"a" is not two tokens/],
    ['an inline modifier', splitBy('(?i)a'), /\(\?i\)a is not supported/],
    ['a class of another kind', splitBy(String.raw`\w+`), /is not supported/],
    ['a negated property', splitBy(String.raw`\P{L}`), /is not supported/],
    ['an intersection', splitBy('[a-z&&[b]]'), /is not supported/],
    ['a possessive quantifier', splitBy('a++'), /is not supported/],
    ['an anchor', splitBy('^a'), /is not supported/],
    [
      'a template without the text',
      changed('bert', (file) => ({
        post_processor: { ...(file['post_processor'] as Json), single: [] },
      })),
      /the text exactly once/,
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => createTokenizer(file)).toThrow(message);
  });

  it('cuts by what a pattern leaves out, or keeps it as words of its own', () => {
    const ids = (step: Json) =>
      createTokenizer(
        changed('clip', (file) => ({
          pre_tokenizer: {
            type: 'Sequence',
            pretokenizers: [
              { type: 'Split', invert: false, ...step },
              { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
            ],
          },
          post_processor: null,
          model: { ...(file['model'] as Json), merges: [] },
        })),
      ).encode('a.b', 9);
    const [a, dot, b] = ids({ pattern: { String: '.' }, behavior: 'Isolated' });

    expect([a, dot, b]).not.toContain(undefined);
    expect(ids({ pattern: { String: '.' }, behavior: 'Removed' })).toEqual([a, b]);
    expect(ids({ pattern: { Regex: String.raw`\.` }, behavior: 'Removed' })).toEqual([a, b]);
  });

  it('joins neighbours by rank, the leftmost first, however long the word is', () => {
    const vocab = Object.fromEntries(
      ['a', 'b', 'a</w>', 'b</w>', 'ab', 'aba', 'ba', 'x'].map((token, id) => [token, id]),
    );
    const tokenizer = createTokenizer(
      changed('clip', (file) => ({
        added_tokens: [],
        post_processor: null,
        model: {
          ...(file['model'] as Json),
          vocab,
          unk_token: 'x',
          merges: [
            ['a', 'b'],
            ['ab', 'a'],
            ['b', 'a'],
          ],
        },
      })),
    );

    expect(tokenizer.encode('ababa', 9)).toEqual([vocab['ab'], vocab['ab'], vocab['a</w>']]);
    expect(tokenizer.encode('abaab', 9)).toEqual([vocab['aba'], vocab['a'], vocab['b</w>']]);
    expect(tokenizer.encode('baq', 9)).toEqual([vocab['ba'], vocab['x']]);
    const long = tokenizer.encode('ab'.repeat(100_000), 1_000_000);
    expect(long.slice(-3)).toEqual([vocab['ab'], vocab['aba'], vocab['b</w>']]);
    expect(long).toHaveLength(100_000);
  });
});

describe('stackIds()', () => {
  it('fills up behind, to the longest row or to a given length', () => {
    const { ids, mask } = stackIds([[5, 6, 7], [8]], 9);

    expect(ids).toEqual({
      datatype: 'INT64',
      shape: [2, 3],
      data: BigInt64Array.of(5n, 6n, 7n, 8n, 9n, 9n),
    });
    expect(mask.data).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n));
    expect(stackIds([[5]], 9, 4).ids.data).toEqual(BigInt64Array.of(5n, 9n, 9n, 9n));
  });

  it('has a length of two where there are no rows', () => {
    expect(stackIds([], 9).ids).toMatchObject({ shape: [0, 2], data: new BigInt64Array() });
  });
});
