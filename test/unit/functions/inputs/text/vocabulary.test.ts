import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createVectorizer } from '../../../../../functions/inputs/text/tfidf.ts';
import { parseVocabulary } from '../../../../../functions/inputs/text/vocabulary.ts';

const path = join(import.meta.dirname, '../../../../../models/text/vocabulary.json');
const own = parseVocabulary(readFileSync(path));
const [word, char] = own.parts as [(typeof own.parts)[0], (typeof own.parts)[0]];

function read(changed: object): ReturnType<typeof createVectorizer> {
  return createVectorizer(parseVocabulary(Buffer.from(JSON.stringify({ ...own, ...changed }))));
}

describe('parseVocabulary() and createVectorizer()', () => {
  it('give the columns of all parts, one part after the other', () => {
    const { columns, weigh } = createVectorizer(own);

    const found = [...weigh('courier').keys()];
    expect(columns).toBe(4096);
    expect(found).toContain(word.terms.indexOf('courier'));
    expect(found).toContain(word.terms.length + char.terms.indexOf(' cour'));
    expect(found).toEqual(found.toSorted((one, other) => one - other));
  });

  it.each<[string, object, string]>([
    ['another format', { format: 'tfidf-2' }, 'format: '],
    ['a key too many', { stop_words: ['the'] }, 'stop_words'],
    ['no parts', { parts: [] }, 'parts: '],
    ['an unknown analyzer', { parts: [{ ...word, analyzer: 'line' }] }, 'parts.0.analyzer: '],
    ['n-grams that fall', { parts: [{ ...word, ngram_range: [2, 1] }] }, 'ngram_range: must rise'],
    ['an empty term', { parts: [{ ...word, terms: [''], idf: [1] }] }, 'must be a list of texts'],
    ['a term twice', { parts: [{ ...word, terms: ['a', 'a'], idf: [1, 1] }] }, '"a" is empty or'],
    ['a number for a term', { parts: [{ ...word, terms: [1], idf: [1] }] }, 'list of texts'],
    ['an idf too few', { parts: [{ ...word, idf: word.idf.slice(1) }] }, 'parts.0.idf: must have'],
    ['an idf that is none', { parts: [{ ...word, idf: [null] }] }, 'must be a list of numbers'],
    ['half a run', { unicode: { ...own.unicode, lower: [65] } }, 'lower: must be runs of four'],
    ['a run outside Unicode', { unicode: { ...own.unicode, word: [0, 2e6] } }, 'above the last'],
    [
      'a small form outside Unicode',
      { unicode: { ...own.unicode, lower: [0, 1, 1, -5] } },
      'no code point',
    ],
    [
      'a small form of what is no code point',
      { unicode: { ...own.unicode, lower_special: { 1114112: 'a' } } },
      'of no code point',
    ],
    [
      'a run of small forms that stands still',
      { unicode: { ...own.unicode, lower: [65, 9e9, 0, 32] } },
      'does not rise',
    ],
  ])('refuse %s', (_, changed, message) => {
    expect(() => read(changed)).toThrow(message);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuse what is %s', (_, bytes) => {
    expect(() => parseVocabulary(bytes)).toThrow('the vocabulary is not JSON');
  });
});
