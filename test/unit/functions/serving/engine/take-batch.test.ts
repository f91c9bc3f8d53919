import { describe, expect, it } from 'vitest';

import { takeBatch } from '../../../../../functions/serving/engine/take-batch.ts';
import type { Waiting } from '../../../../../functions/serving/engine/request.ts';

/** A queue written as `a2 b1`: signature and rows. */
const queueOf = (text: string): Waiting[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ signature: word[0], request: { rows: Number(word.slice(1)) } }) as Waiting);
const textOf = (queue: readonly Waiting[]): string =>
  queue.map(({ signature, request }) => `${signature}${request.rows}`).join(' ');

describe('takeBatch()', () => {
  it.each([
    ['everything that fits', 'a1 a2 a3', 8, 'a1 a2 a3', ''],
    ['to the last row', 'a4 a4', 8, 'a4 a4', ''],
    ['no row more', 'a4 a4 a1', 8, 'a4 a4', 'a1'],
    ['smaller ones behind one that does not fit', 'a4 a6 a4', 8, 'a4 a4', 'a6'],
    ['only the signature of the oldest', 'a1 b1 a1 b1', 8, 'a1 a1', 'b1 b1'],
    ['an oldest that alone is too large', 'a9 a1', 8, 'a9', 'a1'],
    ['one at a time for a model without batches', 'a1 a1 a1', 0, 'a1', 'a1 a1'],
    ['nothing from an empty queue', '', 8, '', ''],
  ])('takes %s', (_what, queue, maxRows, taken, left) => {
    const batch = takeBatch(queueOf(queue), maxRows);

    expect(textOf(batch.taken)).toBe(taken);
    expect(textOf(batch.left)).toBe(left);
  });
});
