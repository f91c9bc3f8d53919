import { NOWHERE, ROOT } from './term-tree.ts';
import type { TermTree } from './term-tree.ts';
import { SPACE, WORD } from './unicode-tables.ts';
import type { CodePoints } from './unicode-tables.ts';

/** The ways in which scikit-learn's TfidfVectorizer cuts a text into terms. */
export const ANALYZERS = ['word', 'char', 'char_wb'] as const;

/** One of the {@link ANALYZERS}. */
export type Analyzer = (typeof ANALYZERS)[number];

/** What to look for. */
export interface Search {
  readonly tree: TermTree;
  /** The shortest and the longest n-gram. */
  readonly ngrams: readonly [number, number];
  readonly traits: CodePoints['traits'];
  /** Called for every place where a term of the tree stands. */
  readonly found: (column: number) => void;
}

const BLANK = 0x20;

/** Finds terms in the small letters of a text, by analyzer. */
export const FIND: Readonly<Record<Analyzer, (points: Uint32Array, search: Search) => void>> = {
  word: findWords,
  char: findCharacters,
  char_wb: findWithinWords,
};

/**
 * Words are runs of two or more word characters (`\b\w\w+\b`); an n-gram is that many of them with a blank
 * between each two.
 */
function findWords(points: Uint32Array, { tree, ngrams: [min, max], traits, found }: Search): void {
  const words = runs(points, traits, WORD, 2);
  for (let first = 0; first < words.length; first += 2) {
    let node = ROOT;
    for (let count = 1; count <= max && first + 2 * count <= words.length; count++) {
      if (count > 1) node = tree.step(node, BLANK);
      const at = first + 2 * (count - 1);
      node = walk(tree, node, points.subarray(words[at], words[at + 1]));
      if (node === NOWHERE) break;
      const column = tree.columnAt(node);
      if (count >= min && column !== NOWHERE) found(column);
    }
  }
}

/** N-grams of code points, after two or more spaces in a row have become one blank. */
function findCharacters(points: Uint32Array, search: Search): void {
  const { ngrams, traits } = search;
  findFromEveryPlace(collapseSpaces(points, traits), ngrams[0], search);
}

/** N-grams of code points within one word at a time, which has a blank before and after it. */
function findWithinWords(points: Uint32Array, search: Search): void {
  const { ngrams, traits } = search;
  const words = runs(points, traits, ~SPACE, 1);
  for (let index = 0; index < words.length; index += 2) {
    const [start = 0, end = 0] = [words[index], words[index + 1]];
    const padded = new Uint32Array(end - start + 2).fill(BLANK);
    padded.set(points.subarray(start, end), 1);
    // A word that is shorter than the shortest n-gram counts once, whole.
    findFromEveryPlace(padded, Math.min(ngrams[0], padded.length), search);
  }
}

function findFromEveryPlace(
  points: Uint32Array,
  min: number,
  { tree, ngrams: [, max], found }: Search,
): void {
  for (let start = 0; start + min <= points.length; start++) {
    let node = ROOT;
    const end = Math.min(start + max, points.length);
    for (let at = start; at < end; at++) {
      node = tree.step(node, points[at] ?? 0);
      if (node === NOWHERE) break;
      const column = tree.columnAt(node);
      if (at - start + 1 >= min && column !== NOWHERE) found(column);
    }
  }
}

function walk(tree: TermTree, from: number, points: Uint32Array): number {
  let node = from;
  for (let at = 0; at < points.length && node !== NOWHERE; at++) {
    node = tree.step(node, points[at] ?? 0);
  }
  return node;
}

/** Start and end of every run of `least` or more code points that have the trait; `~SPACE` means: have it not. */
function runs(points: Uint32Array, traits: Uint8Array, trait: number, least: number): number[] {
  const places: number[] = [];
  const wanted = trait < 0 ? 0 : trait;
  const bit = trait < 0 ? ~trait : trait;
  let start = -1;
  for (let at = 0; at <= points.length; at++) {
    const inside = at < points.length && ((traits[points[at] ?? 0] ?? 0) & bit) === wanted;
    if (inside === start >= 0) continue;
    if (!inside && at - start >= least) places.push(start, at);
    start = inside ? at : -1;
  }
  return places;
}

function collapseSpaces(points: Uint32Array, traits: Uint8Array): Uint32Array {
  const isSpaceAt = (at: number): boolean =>
    at < points.length && ((traits[points[at] ?? 0] ?? 0) & SPACE) !== 0;
  const collapsed = new Uint32Array(points.length);
  let length = 0;
  for (let at = 0; at < points.length; at++) {
    const start = at;
    while (isSpaceAt(at) && isSpaceAt(at + 1)) at++;
    collapsed[length++] = at > start ? BLANK : (points[at] ?? 0);
  }
  return collapsed.subarray(0, length);
}
