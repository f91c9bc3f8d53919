import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../functions/runtime/tensor.ts';
import { compareGolden, toTensor } from '../../../../models/loader/golden.ts';
import type { Session } from '../../../../models/loader/loaded-model.ts';
import type { GoldenFile } from '../../../../models/loader/package-schema.ts';

type GoldenTensor = GoldenFile['cases'][number]['outputs'][number];

const input: GoldenTensor = { name: 'x', datatype: 'FP32', shape: [1], data: [1] };
const exact = { absolute: 0, relative: 0 };

function sessionThatAnswers(y: Tensor): Session {
  return {
    inputs: [],
    outputs: [],
    run: async () => ({ y }),
    release: async () => {},
  };
}

async function differenceOf(
  ours: Tensor,
  theirs: Omit<GoldenTensor, 'name'>,
  tolerance = exact,
): Promise<unknown> {
  const golden = { inputs: [input], outputs: [{ name: 'y', ...theirs }] };
  const [difference] = await compareGolden(sessionThatAnswers(ours), golden, tolerance);
  return difference;
}

const fp32 = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});

describe('compareGolden()', () => {
  it('finds the largest difference of an output', async () => {
    const theirs: Omit<GoldenTensor, 'name'> = { datatype: 'FP32', shape: [3], data: [1, 2, 4] };

    const difference = await differenceOf(fp32(1, 2.5, 3.75), theirs);

    expect(difference).toEqual({ output: 'y', largestDifference: 0.5, withinTolerance: false });
  });

  it.each([
    ['absolute', { absolute: 0.5, relative: 0 }, true],
    ['absolute, too small', { absolute: 0.49, relative: 0 }, false],
    ['relative', { absolute: 0, relative: 0.25 }, true],
    ['relative, too small', { absolute: 0, relative: 0.24 }, false],
    ['both together', { absolute: 0.25, relative: 0.125 }, true],
  ])('allows what the tolerance allows: %s', async (_what, tolerance, withinTolerance) => {
    const theirs: Omit<GoldenTensor, 'name'> = { datatype: 'FP32', shape: [1], data: [2] };

    const difference = await differenceOf(fp32(2.5), theirs, tolerance);

    expect(difference).toMatchObject({ withinTolerance });
  });

  it.each<[string, Tensor, Omit<GoldenTensor, 'name'>]>([
    ['another shape', fp32(1, 2), { datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
    ['another datatype', fp32(1), { datatype: 'FP64', shape: [1], data: [1] }],
    ['not a number', fp32(Number.NaN), { datatype: 'FP32', shape: [1], data: [1] }],
    [
      'another word',
      { datatype: 'BYTES', shape: [1], data: ['a'] },
      { datatype: 'BYTES', shape: [1], data: ['b'] },
    ],
  ])('finds %s infinitely far away, whatever the tolerance', async (_what, ours, theirs) => {
    const difference = await differenceOf(ours, theirs, { absolute: 1e9, relative: 0 });

    expect(difference).toEqual({
      output: 'y',
      largestDifference: Infinity,
      withinTolerance: false,
    });
  });

  it.each<[string, Tensor, Omit<GoldenTensor, 'name'>]>([
    [
      'integers',
      { datatype: 'INT64', shape: [2], data: BigInt64Array.of(3n, -1n) },
      { datatype: 'INT64', shape: [2], data: [3, -1] },
    ],
    [
      'half floats',
      { datatype: 'FP16', shape: [1], data: Uint16Array.of(0x3e00) },
      { datatype: 'FP16', shape: [1], data: [1.5] },
    ],
    [
      'truth values',
      { datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) },
      { datatype: 'BOOL', shape: [2], data: [true, false] },
    ],
    [
      'words',
      { datatype: 'BYTES', shape: [1], data: ['a'] },
      { datatype: 'BYTES', shape: [1], data: ['a'] },
    ],
  ])('finds equal %s equal', async (_what, ours, theirs) => {
    expect(await differenceOf(ours, theirs)).toMatchObject({
      largestDifference: 0,
      withinTolerance: true,
    });
  });

  it('takes texts for numbers that JSON lacks', async () => {
    const odd = fp32(NaN, Infinity, -Infinity);
    const theirs: Omit<GoldenTensor, 'name'> = {
      datatype: 'FP32',
      shape: [3],
      data: ['NaN', 'Infinity', '-Infinity'],
    };
    const wide: Tensor = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 60n + 1n) };
    const digits = (text: string): Omit<GoldenTensor, 'name'> => ({
      datatype: 'INT64',
      shape: [1],
      data: [text],
    });
    const same = { largestDifference: 0, withinTolerance: true };

    expect(await differenceOf(odd, theirs)).toMatchObject(same);
    expect(await differenceOf(wide, digits('1152921504606846977'))).toMatchObject(same);
    expect(await differenceOf(fp32(1, Infinity, -Infinity), theirs)).toMatchObject({
      withinTolerance: false,
    });
    expect(await differenceOf(fp32(NaN, 1e30, -Infinity), theirs)).toMatchObject({
      withinTolerance: false,
    });
  });

  it('misses an output that the session does not give', async () => {
    const golden = { inputs: [input], outputs: [{ ...input, name: 'z' }] };

    const differences = await compareGolden(sessionThatAnswers(fp32(1)), golden, exact);

    expect(differences).toEqual([
      { output: 'z', largestDifference: Infinity, withinTolerance: false },
    ]);
  });
});

describe('toTensor()', () => {
  it.each<[GoldenTensor['datatype'], GoldenTensor['data'], Tensor['data']]>([
    ['FP32', [0.1], Float32Array.of(0.1)],
    ['INT64', [-2], BigInt64Array.of(-2n)],
    ['UINT8', [255], Uint8Array.of(255)],
    ['FP16', [1.5], Uint16Array.of(0x3e00)],
    ['BOOL', [true], Uint8Array.of(1)],
    ['BYTES', ['iris'], ['iris']],
  ])('makes %s data of JSON', (datatype, data, expected) => {
    expect(toTensor({ name: 'x', datatype, shape: [1], data }).data).toEqual(expected);
  });

  it('refuses data that does not fill the shape', () => {
    expect(() => toTensor({ ...input, shape: [2, 2] })).toThrow('1 values for [2, 2]');
  });

  it('refuses a word among numbers', () => {
    expect(() => toTensor({ ...input, data: ['1'] })).toThrow('holds a string');
  });
});
