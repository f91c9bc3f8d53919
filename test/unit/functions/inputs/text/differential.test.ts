import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { lowerCase } from '../../../../../functions/inputs/text/lower-case.ts';
import { createVectorizer } from '../../../../../functions/inputs/text/tfidf.ts';
import { SPACE, WORD, unpackTables } from '../../../../../functions/inputs/text/unicode-tables.ts';
import { parseVocabulary } from '../../../../../functions/inputs/text/vocabulary.ts';

/** What models/text/train/differential.py writes: texts, and what scikit-learn makes of them. */
interface Differential {
  readonly code_points_sha256: string;
  readonly vocabulary: unknown;
  readonly texts: readonly string[];
  readonly counts_sha256: readonly string[];
  /** Per text: column, value, column, value, … */
  readonly weights: readonly (readonly number[])[];
}

// Another file, with many more texts, can be compared by hand; the script's comment says how to write it.
const path =
  process.env['TEXT_DIFFERENTIAL'] ??
  join(import.meta.dirname, '../../../../fixtures/text/differential.json');
const theirs = JSON.parse(readFileSync(path, 'utf8')) as Differential;
const vocabulary = parseVocabulary(Buffer.from(JSON.stringify(theirs.vocabulary)));

describe('the vectorizer beside scikit-learn', () => {
  it('finds every term as often, in texts of all scripts', () => {
    const { counts } = createVectorizer(vocabulary);

    const different = theirs.texts.filter((text, index) => {
      const ours = Array.from(counts(text), ([column, times]) => `${column}:${times}`).join();
      const hash = createHash('sha256').update(ours).digest('hex');
      return hash.slice(0, 12) !== theirs.counts_sha256[index];
    });

    expect(different).toEqual([]);
    expect(theirs.texts.length).toBeGreaterThanOrEqual(1000);
  });

  it('weighs them to the fifteenth digit', () => {
    const { weigh } = createVectorizer(vocabulary);

    for (const [index, row] of theirs.weights.entries()) {
      const ours = [...weigh(theirs.texts[index] ?? '')];
      expect(ours.map(([column]) => column)).toEqual(row.filter((_, at) => at % 2 === 0));
      for (const [at, [, weight]] of ours.entries()) {
        const wanted = row[2 * at + 1] ?? 0;
        expect(Math.abs(weight - wanted)).toBeLessThanOrEqual(1e-15 * wanted);
      }
    }
    expect(theirs.weights.flat().length).toBeGreaterThan(1000);
  });

  it('knows every code point: small form, word, space, and what it does to a sigma', () => {
    const codePoints = unpackTables(vocabulary.unicode);
    const lower = (text: string): Uint32Array => lowerCase(text, codePoints);
    const hash = createHash('sha256');

    for (let point = 0; point <= 0x10ffff; point++) {
      const sign = String.fromCodePoint(point);
      const traits = codePoints.traits[point] ?? 0;
      // A million code points take long; one without traits has nothing to be asked about.
      if (traits === 0) continue;
      const near = [`${sign}Σ`, `A${sign}Σ`, `AΣ${sign}`, `AΣ${sign}A`];
      const finals = near.map((text) => (lower(text).includes(0x3c2) ? '1' : '0')).join('');
      const small = lower(sign);
      const [word, space] = [(traits & WORD) === 0 ? 0 : 1, (traits & SPACE) === 0 ? 0 : 1];
      const isPlain = small.length === 1 && small[0] === point;
      if (isPlain && word + space === 0 && finals === '0011') continue;
      const points = Array.from(small, (one) => one.toString(16)).join();
      hash.update(`${point.toString(16)} ${points} ${word}${space} ${finals}\n`);
    }

    expect(hash.digest('hex')).toBe(theirs.code_points_sha256);
  });
});
