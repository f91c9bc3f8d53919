import { expect, test } from 'vitest';

import type { Tensor } from '../../../../../../functions/runtime/tensor.ts';
import {
  cacheKey,
  type KeyParts,
} from '../../../../../../functions/serving/engine/cache/cache-key.ts';

const fp32 = (values: number[], shape = [values.length]): Tensor => ({
  datatype: 'FP32',
  shape,
  data: Float32Array.from(values),
});
const texts = (...data: string[]): Tensor => ({ datatype: 'BYTES', shape: [data.length], data });
const parts: KeyParts = {
  tenant: 'a',
  digest: 'd',
  inputs: { x: fp32([1, 2]), y: fp32([3, 4]) },
  outputs: ['p', 'q'],
};

test('the key names the tenant and the model, so that both can be told apart in a store', () => {
  expect(cacheKey(parts)).toMatch(/^a:d:[0-9a-f]{64}$/);
});

test('the order of inputs and of wanted outputs does not count', () => {
  const { x, y } = parts.inputs as Record<'x' | 'y', Tensor>;

  expect(cacheKey({ ...parts, inputs: { y, x } })).toBe(cacheKey(parts));
  expect(cacheKey({ ...parts, outputs: ['q', 'p'] })).toBe(cacheKey(parts));
});

test('numbers in the middle of a larger memory have the key of the same numbers alone', () => {
  const data = Float32Array.from([9, 1, 2, 9]).subarray(1, 3);
  const inputs = { ...parts.inputs, x: { ...fp32([1, 2]), data } };

  expect(cacheKey({ ...parts, inputs })).toBe(cacheKey(parts));
});

test.each<[what: string, other: KeyParts]>([
  ['another tenant', { ...parts, tenant: 'b' }],
  ['another model', { ...parts, digest: 'e' }],
  ['another value', { ...parts, inputs: { ...parts.inputs, x: fp32([1, 3]) } }],
  ['minus zero for zero', { ...parts, inputs: { ...parts.inputs, x: fp32([1, -0]) } }],
  ['another shape', { ...parts, inputs: { ...parts.inputs, x: fp32([1, 2], [1, 2]) } }],
  ['another name', { ...parts, inputs: { z: fp32([1, 2]), y: fp32([3, 4]) } }],
  ['values at the other name', { ...parts, inputs: { x: fp32([3, 4]), y: fp32([1, 2]) } }],
  ['values that moved over a border', { ...parts, inputs: { x: fp32([1, 2, 3]), y: fp32([4]) } }],
  ['only one output', { ...parts, outputs: ['p'] }],
  ['no output', { ...parts, outputs: [] }],
  [
    'the same bytes as another datatype',
    {
      ...parts,
      inputs: {
        ...parts.inputs,
        x: { datatype: 'INT32', shape: [2], data: new Int32Array(Float32Array.of(1, 2).buffer) },
      },
    },
  ],
])('%s is another key', (_what, other) => {
  expect(cacheKey(other)).not.toBe(cacheKey(parts));
});

test('texts are told apart by where one ends', () => {
  const keyOf = (tensor: Tensor): string => cacheKey({ ...parts, inputs: { t: tensor } });

  expect(keyOf(texts('ab', 'c'))).not.toBe(keyOf(texts('a', 'bc')));
  expect(keyOf(texts('a","b'))).not.toBe(keyOf(texts('a', 'b')));
});
