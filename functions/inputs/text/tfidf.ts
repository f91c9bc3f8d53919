import { FIND } from './find-terms.ts';
import type { Search } from './find-terms.ts';
import { lowerCase } from './lower-case.ts';
import { growTree } from './term-tree.ts';
import { unpackTables } from './unicode-tables.ts';
import type { CodePoints } from './unicode-tables.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Turns texts into the numbers that scikit-learn's fitted vectorizers give. */
export interface Vectorizer {
  /** Columns of a row. */
  readonly columns: number;
  /** How often each term of the vocabulary stands in a text, by column, rising; others are not in it. */
  counts(this: void, text: string): ReadonlyMap<number, number>;
  /**
   * TF-IDF of a text: the columns that are not 0, rising, and their values. Each part has the length 1, or 0
   * when none of its terms is in the text.
   */
  weigh(this: void, text: string): ReadonlyMap<number, number>;
}

interface Part {
  /** The union's column of this part's first term. */
  readonly offset: number;
  readonly idf: Float64Array;
  readonly isLogarithmic: boolean;
  count(this: void, points: Uint32Array): ReadonlyMap<number, number>;
}

/**
 * A vectorizer from its parsed file.
 * @throws {TypeError | RangeError} When a term is there twice, or a table leaves Unicode.
 */
export function createVectorizer(vocabulary: Vocabulary): Vectorizer {
  const codePoints = unpackTables(vocabulary.unicode);
  const parts: Part[] = [];
  let columns = 0;
  for (const part of vocabulary.parts) {
    parts.push(createPart(part, columns, codePoints));
    columns += part.terms.length;
  }
  return {
    columns,
    counts: (text) => {
      const points = lowerCase(text, codePoints);
      return new Map(
        parts.flatMap(({ offset, count }) =>
          Array.from(count(points), ([column, times]) => [offset + column, times] as const),
        ),
      );
    },
    weigh: (text) => {
      const points = lowerCase(text, codePoints);
      return new Map(parts.flatMap((part) => weighPart(part, points)));
    },
  };
}

function createPart(
  { analyzer, ngram_range, sublinear_tf, terms, idf }: Vocabulary['parts'][number],
  offset: number,
  { traits }: CodePoints,
): Part {
  const times = new Int32Array(terms.length);
  const found: number[] = [];
  const search: Search = {
    tree: growTree(terms),
    ngrams: ngram_range,
    traits,
    found(column) {
      if (times[column] === 0) found.push(column);
      times[column] = (times[column] ?? 0) + 1;
    },
  };
  return {
    offset,
    idf: Float64Array.from(idf),
    isLogarithmic: sublinear_tf,
    count(points) {
      found.length = 0;
      FIND[analyzer](points, search);
      const columns = found.toSorted((one, other) => one - other);
      const counts = new Map(columns.map((column) => [column, times[column] ?? 0]));
      // Ready for the next text; nothing in here waits, so there is only one at a time.
      for (const column of columns) times[column] = 0;
      return counts;
    },
  };
}

/** In the order of scikit-learn's own steps, so that every sum rounds as there. */
function weighPart({ offset, idf, isLogarithmic, count }: Part, points: Uint32Array) {
  const weights: [column: number, weight: number][] = [];
  let squares = 0;
  for (const [column, times] of count(points)) {
    const weight = (isLogarithmic ? Math.log(times) + 1 : times) * (idf[column] ?? 0);
    squares += weight * weight;
    weights.push([offset + column, weight]);
  }
  const length = Math.sqrt(squares);
  for (const entry of weights) entry[1] /= length;
  return weights;
}
