import { expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import type { Datatype, TensorData } from '../../../../../../functions/runtime/tensor.ts';
import { readBinaryTensor } from '../../../../../../functions/serving/protocols/tensors/read-binary.ts';
import { lengthPrefixed } from '../../../../../support/binary-tensors.ts';

const read = (datatype: Datatype, shape: number[], bytes: Buffer): TensorData =>
  readBinaryTensor({ name: 'x', datatype, shape, bytes }).data;

it('takes numbers from any place of a body', () => {
  const body = Buffer.concat([Buffer.from('{}?'), Buffer.from(Float64Array.of(0.1, -2).buffer)]);

  expect(read('FP64', [2], body.subarray(3))).toEqual(Float64Array.of(0.1, -2));
});

it('takes memory of its own, so that a tensor can be handed to another thread', () => {
  const body = Buffer.from(Float32Array.of(1, 2).buffer);
  const data = read('FP32', [2], body) as Float32Array;

  body.fill(0);
  expect(data).toEqual(Float32Array.of(1, 2));
  expect(data.buffer.byteLength).toBe(8);
});

it('takes texts by their lengths', () => {
  expect(read('BYTES', [2, 2], lengthPrefixed('', 'é🚀', 'a', '\n'))).toEqual([
    '',
    'é🚀',
    'a',
    '\n',
  ]);
});

const two = lengthPrefixed('ab', 'c');

it.each<[string, Datatype, number[], Buffer]>([
  ['a byte too few', 'INT16', [2], Buffer.alloc(3)],
  ['a byte too many', 'INT16', [2], Buffer.alloc(5)],
  ['nothing', 'FP32', [1], Buffer.alloc(0)],
  ['something for no element', 'FP32', [0, 5], Buffer.alloc(4)],
  ['more elements than any memory holds', 'UINT8', [2 ** 31, 2 ** 31], Buffer.alloc(8)],
  ['a boolean of 2', 'BOOL', [2], Buffer.from([1, 2])],
  ['fewer texts than its shape', 'BYTES', [3], two],
  ['more texts than its shape', 'BYTES', [1], two],
  ['a length cut short', 'BYTES', [2], two.subarray(0, 9)],
  ['a text cut short', 'BYTES', [1], two.subarray(0, 5)],
  ['a length beyond the body', 'BYTES', [1], Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ['more texts than any memory holds', 'BYTES', [2 ** 31, 2 ** 31], two],
  ['a text that is not UTF-8', 'BYTES', [1], lengthPrefixed(Buffer.from([0xc3, 0x28]))],
  ['a text with NUL in it', 'BYTES', [1], lengthPrefixed('a\0b')],
])('refuses %s', (_what, datatype, shape, bytes) => {
  expect(() => read(datatype, shape, bytes)).toThrow(InvalidRequestError);
});
