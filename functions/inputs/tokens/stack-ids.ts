import type { Tensor } from '../../runtime/tensor.ts';

/** Rows of ids as a model takes them. */
export interface StackedIds {
  /** INT64 [rows, length]. */
  readonly ids: Tensor;
  /** INT64 [rows, length]: 1 for a token, 0 for what fills up behind it. */
  readonly mask: Tensor;
}

/**
 * Rows of different lengths to one tensor, filled up behind.
 * @param length Of every row. @default that of the longest; of no rows, 2, since there are always two special tokens
 */
export function stackIds(
  rows: readonly (readonly number[])[],
  padId: number,
  length: number = Math.max(2, ...rows.map((row) => row.length)),
): StackedIds {
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * length);
  for (const [row, tokens] of rows.entries()) {
    for (const [place, id] of tokens.entries()) {
      ids[row * length + place] = BigInt(id);
      mask[row * length + place] = 1n;
    }
  }
  const shape = [rows.length, length];
  return {
    ids: { datatype: 'INT64', shape, data: ids },
    mask: { datatype: 'INT64', shape, data: mask },
  };
}
