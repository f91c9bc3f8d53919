import type { BytePairModel } from './tokenizer-schema.ts';

/** One word to the ids of its tokens. */
export type WordToIds = (word: string) => readonly number[];

/** Ids stay below this, so that a pair of them is one whole number. */
const ID_LIMIT = 2 ** 26;
/** Words stay shorter than this, so that a rank and a place are one whole number. */
const PLACE_LIMIT = 2 ** 24;

/**
 * Byte-pair encoding: of all neighbours that the merges name, those of the lowest rank join first, the leftmost of
 * them before the others. A word of n letters takes n log n steps, not n².
 * @throws {Error} When a merge or the unknown token is not in the vocabulary.
 */
export function createBytePair(model: BytePairModel): WordToIds {
  const vocabulary = new Map(Object.entries(model.vocab));
  const idOf = (token: string, what: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new Error(`${what} "${token}" is not in the vocabulary`);
    return id;
  };
  const unknown = model.unk_token === null ? undefined : idOf(model.unk_token, 'the unknown token');
  const suffix = model.end_of_word_suffix ?? '';
  const ranks = new Map<number, number>();
  const joined = new Int32Array(model.merges.length);
  for (const [rank, merge] of model.merges.entries()) {
    const [left, right] = typeof merge === 'string' ? halves(merge) : merge;
    const pair = pairOf(idOf(left, 'the merged'), idOf(right, 'the merged'));
    ranks.set(pair, rank);
    joined[rank] = idOf(left + right, 'the merge');
  }

  return (word) => {
    const letters = Array.from(word);
    const ids: number[] = [];
    for (const [place, letter] of letters.entries()) {
      const token = place === letters.length - 1 ? letter + suffix : letter;
      const id = vocabulary.get(token) ?? unknown;
      if (id !== undefined) ids.push(id);
    }
    return ids.length < 2 ? ids : mergeAll(ids, ranks, joined);
  };
}

function halves(merge: string): readonly [string, string] {
  const [left, right, more] = merge.split(' ');
  if (left === undefined || right === undefined || more !== undefined) {
    throw new Error(`the merge "${merge}" is not two tokens with a blank between`);
  }
  return [left, right];
}

function pairOf(left: number, right: number): number {
  return left * ID_LIMIT + right;
}

/** https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/models/bpe/word.rs */
function mergeAll(
  ids: number[],
  ranks: ReadonlyMap<number, number>,
  joined: Int32Array,
): readonly number[] {
  const END = -1;
  const next = Int32Array.from(ids, (_, place) => (place === ids.length - 1 ? END : place + 1));
  const previous = Int32Array.from(ids, (_, place) => place - 1);
  const queue: number[] = [];
  const rankAt = (place: number): number | undefined => {
    const after = next[place] ?? END;
    return after === END ? undefined : ranks.get(pairOf(ids[place] ?? 0, ids[after] ?? 0));
  };
  const consider = (place: number): void => {
    const rank = rankAt(place);
    if (rank !== undefined) push(queue, rank * PLACE_LIMIT + place);
  };
  for (let place = 0; place < ids.length - 1; place += 1) consider(place);

  const isGone = new Uint8Array(ids.length);
  for (let lowest = pop(queue); lowest !== undefined; lowest = pop(queue)) {
    const place = lowest % PLACE_LIMIT;
    const rank = (lowest - place) / PLACE_LIMIT;
    // Its neighbour may have changed since; then the new pair stands in the queue by itself.
    if (isGone[place] === 1 || rankAt(place) !== rank) continue;
    const right = next[place] ?? END;
    ids[place] = joined[rank] ?? 0;
    isGone[right] = 1;
    const after = next[right] ?? END;
    next[place] = after;
    if (after !== END) previous[after] = place;
    consider(place);
    const before = previous[place] ?? END;
    if (before !== END) consider(before);
  }
  return ids.filter((_, place) => isGone[place] === 0);
}

/** A binary heap, smallest number first. */
function push(heap: number[], value: number): void {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] ?? 0;
    if (parent <= value) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = value;
}

function pop(heap: number[]): number | undefined {
  const smallest = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return smallest;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
    const value = heap[child] ?? 0;
    if (value >= last) break;
    heap[at] = value;
    at = child;
  }
  heap[at] = last;
  return smallest;
}
