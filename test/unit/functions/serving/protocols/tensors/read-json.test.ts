import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import { TYPED_ARRAYS } from '../../../../../../functions/runtime/tensor.ts';
import type { TensorData } from '../../../../../../functions/runtime/tensor.ts';
import {
  readJsonTensor,
  requireJsonForm,
} from '../../../../../../functions/serving/protocols/tensors/read-json.ts';
import type {
  JsonDatatype,
  JsonTensor,
} from '../../../../../../functions/serving/protocols/tensors/read-json.ts';

const flat = (datatype: JsonDatatype, data: unknown): JsonTensor => ({
  name: 'x',
  datatype,
  shape: [Array.isArray(data) ? data.length : 1],
  data,
});

const WHOLE: readonly (readonly [Exclude<JsonDatatype, 'BYTES'>, number, number])[] = [
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
  it.each<[JsonDatatype, unknown[], TensorData]>([
    ['BOOL', [true, false, 1, 0], Uint8Array.of(1, 0, 1, 0)],
    ['FP32', [1.5, -0, 1e-40, 3.4028235e38], Float32Array.of(1.5, -0, 1e-40, 3.4028235e38)],
    ['FP64', [0.1, 1.7e308, -5e-324], Float64Array.of(0.1, 1.7e308, -5e-324)],
    ['BYTES', ['a', '', 'é🚀'], ['a', '', 'é🚀']],
    ['INT64', [-3, 2 ** 53 - 1], BigInt64Array.of(-3n, 2n ** 53n - 1n)],
    ['UINT64', [7], BigUint64Array.of(7n)],
    ['UINT64', ['18446744073709551615', '0'], BigUint64Array.of(2n ** 64n - 1n, 0n)],
    ['INT64', ['-9223372036854775808', 1], BigInt64Array.of(-(2n ** 63n), 1n)],
    ['INT32', [1.0, -1e3], Int32Array.of(1, -1000)],
  ])('of %s are taken', (datatype, data, expected) => {
    expect(readJsonTensor(flat(datatype, data))).toEqual({
      datatype,
      shape: [data.length],
      data: expected,
    });
  });

  it.each(WHOLE)('of %s go from %d to %d', (datatype, least, most) => {
    const { data } = readJsonTensor(flat(datatype, [least, most]));

    expect(data).toBeInstanceOf(TYPED_ARRAYS[datatype]);
    expect(Array.from(data as ArrayLike<number>, Number)).toEqual([least, most]);
  });

  it.each(WHOLE)(
    'of %s are refused beyond their range, and between its numbers',
    (datatype, least, most) => {
      for (const element of [least - 1, most + 1, 0.5, 1e300]) {
        expect(() => readJsonTensor(flat(datatype, [0, element]))).toThrow(
          /Input "x": element 1 is not a whole number/,
        );
      }
    },
  );

  it.each<[JsonDatatype, unknown]>([
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
    ['INT64', '9223372036854775808'],
    ['INT64', '1.0'],
    ['INT64', '1e3'],
    ['INT64', ' 1'],
    ['INT64', ''],
    ['INT64', '0x10'],
    ['INT64', true],
    ['UINT64', '-1'],
    ['UINT64', '18446744073709551616'],
    ['UINT64', '9'.repeat(100_000)],
    ['BYTES', 1],
    ['BYTES', null],
    ['BYTES', ['a']],
    ['BYTES', 'with\u0000NUL'],
    ['BYTES', 'half a pair \ud800'],
  ])('of %s are refused that are %j', (datatype, element) => {
    const good = datatype === 'BYTES' ? 'a' : 0;

    expect(() => readJsonTensor(flat(datatype, [good, element]))).toThrow(InvalidRequestError);
    expect(() => readJsonTensor(flat(datatype, [good, element]))).toThrow('element 1');
  });

  it.each(['FP16', 'BF16'] as const)('of %s need the binary extension, by name', (datatype) => {
    expect(() => requireJsonForm('x', datatype)).toThrow(InvalidRequestError);
    expect(() => requireJsonForm('x', datatype)).toThrow(/binary tensor data extension/);
  });
});

describe('shapes', () => {
  const input = (shape: number[], data: unknown): JsonTensor => ({
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
    ['a scalar in a list', [], [7], Int32Array.of(7)],
    ['a scalar by itself', [], 7, Int32Array.of(7)],
    ['nothing', [0, 3], [], Int32Array.of()],
    ['empty rows', [2, 0], [[], []], Int32Array.of()],
  ])('take data that is %s', (_what, shape, data, expected) => {
    expect(readJsonTensor(input(shape, data))).toEqual({
      datatype: 'INT32',
      shape,
      data: expected,
    });
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
    expect(() => readJsonTensor(input(shape, data))).toThrow(InvalidRequestError);
  });

  it('bound how deep data is looked into', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

    expect(() => readJsonTensor(input([1, 1], deep))).toThrow(InvalidRequestError);
  });
});
