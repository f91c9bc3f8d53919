import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import { TYPED_ARRAYS } from '../../../../../../functions/runtime/tensor.ts';
import type { Datatype, TensorData } from '../../../../../../functions/runtime/tensor.ts';
import { readTensor } from '../../../../../../functions/serving/protocols/open-inference/read-tensor.ts';
import type { RequestInput } from '../../../../../../functions/serving/protocols/open-inference/schema.ts';

const flat = (datatype: RequestInput['datatype'], data: unknown): RequestInput => ({
  name: 'x',
  datatype,
  shape: [Array.isArray(data) ? data.length : 1],
  data,
});

const WHOLE: readonly (readonly [Exclude<Datatype, 'BYTES'>, number, number])[] = [
  ['UINT8', 0, 255],
  ['UINT16', 0, 65_535],
  ['UINT32', 0, 4_294_967_295],
  ['UINT64', 0, Number.MAX_SAFE_INTEGER],
  ['INT8', -128, 127],
  ['INT16', -32_768, 32_767],
  ['INT32', -2_147_483_648, 2_147_483_647],
  ['INT64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
];

describe('elements', () => {
  it.each<[Datatype, unknown[], TensorData]>([
    ['BOOL', [true, false, 1, 0], Uint8Array.of(1, 0, 1, 0)],
    ['FP32', [1.5, -0, 1e-40, 3.4028235e38], Float32Array.of(1.5, -0, 1e-40, 3.4028235e38)],
    ['FP64', [0.1, 1.7e308, -5e-324], Float64Array.of(0.1, 1.7e308, -5e-324)],
    ['BYTES', ['a', '', 'é\u0000'], ['a', '', 'é\u0000']],
    ['INT64', [-3, 2 ** 53 - 1], BigInt64Array.of(-3n, 2n ** 53n - 1n)],
    ['UINT64', [7], BigUint64Array.of(7n)],
    ['INT32', [1.0, -1e3], Int32Array.of(1, -1000)],
  ])('of %s are taken', (datatype, data, expected) => {
    expect(readTensor(flat(datatype, data))).toEqual({
      datatype,
      shape: [data.length],
      data: expected,
    });
  });

  it.each(WHOLE)('of %s go from %d to %d', (datatype, least, most) => {
    const { data } = readTensor(flat(datatype, [least, most]));

    expect(data).toBeInstanceOf(TYPED_ARRAYS[datatype]);
    expect(Array.from(data as ArrayLike<number>, Number)).toEqual([least, most]);
  });

  it.each(WHOLE)(
    'of %s are refused beyond their range, and between its numbers',
    (datatype, least, most) => {
      for (const element of [least - 1, most + 1, 0.5, 1e300]) {
        expect(() => readTensor(flat(datatype, [0, element]))).toThrow(
          /Input "x": element 1 is not a whole number/,
        );
      }
    },
  );

  it.each<[Datatype, unknown]>([
    ['BOOL', 2],
    ['BOOL', 'true'],
    ['BOOL', null],
    ['FP32', 1e39],
    ['FP32', -1e39],
    ['FP32', Infinity],
    ['FP32', '1'],
    ['FP32', true],
    ['FP32', null],
    ['FP32', undefined],
    ['FP32', {}],
    ['FP32', [1]],
    ['FP64', Infinity],
    ['FP64', Number.NaN],
    ['INT8', '1'],
    ['INT8', true],
    ['BYTES', 1],
    ['BYTES', null],
    ['BYTES', ['a']],
  ])('of %s are refused that are %j', (datatype, element) => {
    const good = datatype === 'BYTES' ? 'a' : 0;

    expect(() => readTensor(flat(datatype, [good, element]))).toThrow(InvalidRequestError);
    expect(() => readTensor(flat(datatype, [good, element]))).toThrow('element 1');
  });

  it.each(['FP16', 'BF16'] as const)('of %s need the binary extension, by name', (datatype) => {
    expect(() => readTensor(flat(datatype, [1]))).toThrow(/binary tensor data extension/);
  });
});

describe('shapes', () => {
  const input = (shape: number[], data: unknown): RequestInput => ({
    name: 'x',
    datatype: 'INT32',
    shape,
    data,
  });
  const six = Int32Array.of(1, 2, 3, 4, 5, 6);

  it.each<[string, number[], unknown, Int32Array]>([
    ['flat', [2, 3], [1, 2, 3, 4, 5, 6], six],
    [
      'nested',
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      six,
    ],
    ['nested three times', [2, 1, 3], [[[1, 2, 3]], [[4, 5, 6]]], six],
    ['a vector', [6], [1, 2, 3, 4, 5, 6], six],
    ['a scalar', [], [7], Int32Array.of(7)],
    ['nothing', [0, 3], [], Int32Array.of()],
    ['empty rows', [2, 0], [[], []], Int32Array.of()],
  ])('take data that is %s', (_what, shape, data, expected) => {
    expect(readTensor(input(shape, data))).toEqual({ datatype: 'INT32', shape, data: expected });
  });

  it.each<[string, number[], unknown]>([
    ['too short', [2, 3], [1, 2, 3, 4, 5]],
    ['too long', [2, 3], [1, 2, 3, 4, 5, 6, 7]],
    [
      'nested with a short row',
      [2, 3],
      [
        [1, 2, 3],
        [4, 5],
      ],
    ],
    [
      'nested with a long row',
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6, 7],
      ],
    ],
    ['nested with a row missing', [2, 3], [[1, 2, 3]]],
    ['nested with a number among the rows', [2, 3], [[1, 2, 3], 4]],
    [
      'nested the other way round',
      [2, 3],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [
      'nested less deep than its shape',
      [2, 1, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      'nested deeper than its shape',
      [2, 3],
      [
        [[1], [2], [3]],
        [[4], [5], [6]],
      ],
    ],
    ['flat first and nested then', [3], [1, [2], 3]],
    ['a nested scalar', [], [[7]]],
    ['larger than any memory', [2 ** 31, 2 ** 31], [1]],
    ['no list', [1], 1],
    ['a string', [1], '1'],
    ['an object', [1], { 0: 1, length: 1 }],
    ['null', [1], null],
    ['missing', [1], undefined],
  ])('refuse data that is %s', (_what, shape, data) => {
    expect(() => readTensor(input(shape, data))).toThrow(InvalidRequestError);
  });

  it('bound how deep data is looked into', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

    expect(() => readTensor(input([1, 1], deep))).toThrow(InvalidRequestError);
  });
});
