import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../../functions/runtime/tensor.ts';
import {
  byteSize,
  joinRows,
  rowSignature,
  sliceRows,
} from '../../../../../functions/serving/engine/rows.ts';

const fp32 = (shape: number[], ...data: number[]): Tensor => ({
  datatype: 'FP32',
  shape,
  data: Float32Array.from(data),
});
const words = (...data: string[]): Tensor => ({ datatype: 'BYTES', shape: [data.length], data });
const int64 = (...data: bigint[]): Tensor => ({
  datatype: 'INT64',
  shape: [data.length],
  data: BigInt64Array.from(data),
});

describe('byteSize()', () => {
  it('adds up all tensors, strings by their length', () => {
    expect(byteSize({ a: fp32([2, 1], 1, 2), b: int64(1n), c: words('abc', 'é') })).toBe(
      8 + 8 + 2 * 4,
    );
  });
});

describe('rowSignature()', () => {
  const base = { a: fp32([1, 2], 1, 2), b: int64(1n) };

  it('is the same for other rows, numbers and order of names', () => {
    const other = { b: int64(7n, 8n), a: fp32([2, 2], 5, 6, 7, 8) };

    expect(rowSignature(other)).toBe(rowSignature(base));
  });

  it.each<[string, Record<string, Tensor>]>([
    ['another name', { c: base.a, b: base.b }],
    ['one tensor more', { ...base, c: base.a }],
    ['another datatype', { ...base, a: { ...base.a, datatype: 'FP64' } }],
    ['another row shape', { ...base, a: fp32([1, 3], 1, 2, 3) }],
    ['another axis', { ...base, a: fp32([1, 2, 1], 1, 2) }],
  ])('differs for %s', (_what, other) => {
    expect(rowSignature(other)).not.toBe(rowSignature(base));
  });
});

describe('joinRows()', () => {
  it('joins every tensor along the first axis, in order', () => {
    const joined = joinRows([
      { a: fp32([1, 2], 1, 2), b: int64(1n), c: words('x') },
      { c: words('y', 'z'), a: fp32([2, 2], 3, 4, 5, 6), b: int64(2n, 2n ** 60n) },
    ]);

    expect(joined).toEqual({
      a: fp32([3, 2], 1, 2, 3, 4, 5, 6),
      b: int64(1n, 2n, 2n ** 60n),
      c: words('x', 'y', 'z'),
    });
  });

  it('does not copy a single part', () => {
    const only = { a: fp32([1, 1], 1) };

    expect(joinRows([only])).toBe(only);
  });

  it('refuses nothing at all', () => {
    expect(() => joinRows([])).toThrow(RangeError);
  });
});

describe('sliceRows()', () => {
  const whole = { a: fp32([3, 2], 1, 2, 3, 4, 5, 6), b: words('x', 'y', 'z') };

  it('takes rows from every tensor', () => {
    expect(sliceRows(whole, 1, 3)).toEqual({ a: fp32([2, 2], 3, 4, 5, 6), b: words('y', 'z') });
  });

  it('gives back what was joined', () => {
    const parts = [sliceRows(whole, 0, 1), sliceRows(whole, 1, 3)];

    expect(joinRows(parts)).toEqual(whole);
  });

  it('shares the memory of numbers', () => {
    const { a } = sliceRows(whole, 1, 2) as { a: Tensor };

    expect((a.data as Float32Array).buffer).toBe((whole.a.data as Float32Array).buffer);
  });
});
