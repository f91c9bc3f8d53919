import { expect, test } from 'vitest';

import {
  type CacheEntry,
  decodeEntry,
  encodeEntry,
} from '../../../../../../functions/serving/engine/cache/entry.ts';

const entry: CacheEntry = {
  batchSize: 7,
  outputs: {
    scores: { datatype: 'FP64', shape: [1, 2], data: Float64Array.of(0.1, -0) },
    label: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 62n) },
    flags: { datatype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
    half: { datatype: 'FP16', shape: [1], data: Uint16Array.of(0x3c00) },
    names: { datatype: 'BYTES', shape: [2], data: ['Größe', ''] },
    none: { datatype: 'FP32', shape: [0, 3], data: new Float32Array() },
  },
};

test('an entry comes out as it went in, whatever its datatypes', () => {
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
});

test('an entry inside a larger memory, at any offset, is read', () => {
  const bytes = encodeEntry(entry);
  const memory = Buffer.concat([Buffer.from('x'), bytes]);

  expect(decodeEntry(memory.subarray(1))).toEqual(entry);
});

test.each<[what: string, damage: (bytes: Buffer) => Buffer, message: RegExp]>([
  ['nothing', () => Buffer.alloc(0), /out of range|buffer bounds/],
  ['the length alone', (bytes) => bytes.subarray(0, 4), /JSON/],
  [
    'a length beyond the end',
    (bytes) => Buffer.concat([Buffer.from([255, 255, 255, 127]), bytes]),
    /JSON/,
  ],
  ['one byte less', (bytes) => bytes.subarray(0, -1), /JSON|There is more, or less/],
  ['one byte more', (bytes) => Buffer.concat([bytes, Buffer.of(0)]), /There is more, or less/],
  ['a stranger’s text', () => Buffer.from('"hello, I am not an entry"'), /JSON/],
])('%s is refused', (_what, damage, message) => {
  expect(() => decodeEntry(damage(encodeEntry(entry)))).toThrow(message);
});
