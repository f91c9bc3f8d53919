import { expect, it } from 'vitest';

import type { Tensor } from '../../../../../../functions/runtime/tensor.ts';
import { classify } from '../../../../../../functions/serving/protocols/open-inference/classification.ts';

const LABELS = ['low', 'middle', 'high'];
const scores = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length / 3, 3],
  data: Float32Array.from(values),
});

it('gives the best of each row first, with labels', () => {
  expect(classify(scores(0.1, 0.7, 0.2, 3, 1, 2), 2, true, LABELS)).toEqual({
    datatype: 'BYTES',
    shape: [2, 2],
    data: ['0.7:1:middle', '0.2:2:high', '3:0:low', '2:2:high'],
  });
});

it('gives at most as many as there are, of a tensor without rows as one', () => {
  expect(classify(scores(0.1, 0.7, 0.2, 3, 1, 2), 9, false, LABELS)).toMatchObject({
    shape: [6],
    data: ['3:3', '2:5', '1:4', '0.7:1', '0.2:2', '0.1:0'],
  });
});

it('keeps the order of equals, and puts what is no number last', () => {
  expect(classify(scores(NaN, 1, 1), 3, true, []).data).toEqual(['1:1', '1:2', 'NaN:0']);
});

it.each<[Tensor, string[]]>([
  [
    { datatype: 'INT64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 60n) },
    ['1152921504606846976:1', '-1:0'],
  ],
  [{ datatype: 'FP16', shape: [2], data: Uint16Array.of(0x3800, 0x3c00) }, ['1:1', '0.5:0']],
  [
    { datatype: 'FP64', shape: [2], data: Float64Array.of(0.1, 1 / 3) },
    ['0.3333333333333333:1', '0.1:0'],
  ],
  [
    { datatype: 'FP32', shape: [2], data: Float32Array.of(1e-9, 1 / 3) },
    ['0.33333334:1', '1e-9:0'],
  ],
  [{ datatype: 'FP32', shape: [0], data: Float32Array.of() }, []],
])('ranks $datatype', (tensor, expected) => {
  expect(classify(tensor, 5, false, []).data).toEqual(expected);
});
