import { describe, expect, it } from 'vitest';

import type { Tensor, TensorMap } from '../../../../../functions/runtime/tensor.ts';
import { encodeFrame } from '../../../../../models/loader/worker/frames.ts';
import type { Frame } from '../../../../../models/loader/worker/frames.ts';
import { frameReader } from '../../../../../models/loader/worker/read-frames.ts';

const tensor = (
  datatype: Tensor['datatype'],
  data: Tensor['data'],
  shape = [data.length],
): Tensor => ({
  datatype,
  shape,
  data,
});

const EVERY_KIND: TensorMap = {
  bool: tensor('BOOL', Uint8Array.of(1, 0, 1)),
  uint8: tensor('UINT8', Uint8Array.of(0, 255)),
  uint16: tensor('UINT16', Uint16Array.of(65_535)),
  uint32: tensor('UINT32', Uint32Array.of(2 ** 32 - 1)),
  uint64: tensor('UINT64', BigUint64Array.of(2n ** 64n - 1n)),
  int8: tensor('INT8', Int8Array.of(-128)),
  int16: tensor('INT16', Int16Array.of(-32_768)),
  int32: tensor('INT32', Int32Array.of(-(2 ** 31))),
  int64: tensor('INT64', BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)),
  fp16: tensor('FP16', Uint16Array.of(0x3c_00)),
  fp32: tensor('FP32', Float32Array.of(1.5, NaN, -Infinity, 4), [2, 2]),
  fp64: tensor('FP64', Float64Array.of(Math.PI)),
  bytes: tensor('BYTES', ['', 'é', '\u{1f33a}', '\ud800']),
  nothing: tensor('FP32', new Float32Array(), [0, 4]),
  noStrings: tensor('BYTES', [], [0]),
  scalar: tensor('FP32', Float32Array.of(7), []),
  view: tensor('FP32', Float32Array.of(1, 2, 3, 4).subarray(1, 3)),
};

/** What a reader makes of these bytes when they come in pieces of `size`. */
function readIn(pieces: number, bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  const read = frameReader((frame) => frames.push(frame));
  for (let start = 0; start < bytes.length; start += pieces) {
    read(bytes.subarray(start, start + pieces));
  }
  return frames;
}

describe('a frame', () => {
  const frames: Frame[] = [
    { message: { say: 'run', outputs: ['y', 'ä'] }, tensors: EVERY_KIND },
    { message: { say: 'failed', message: 'index out of range' }, tensors: {} },
    { message: { say: 'done' }, tensors: { nothing: EVERY_KIND['nothing'] as Tensor } },
    { message: { say: 'done' }, tensors: { fp64: EVERY_KIND['fp64'] as Tensor } },
  ];
  const bytes = Buffer.concat(frames.flatMap((frame) => encodeFrame(frame)));

  it.each([1, 2, 3, 7, 64, 1000, 1_000_000])(
    'is what it was after travelling with others in pieces of %i bytes',
    (size) => {
      expect(readIn(size, bytes)).toEqual(frames);
    },
  );

  it('is not there before its last byte', () => {
    const [first] = frames as [Frame];
    const alone = Buffer.concat(encodeFrame(first));

    expect(readIn(100, alone.subarray(0, -1))).toEqual([]);
  });

  it('does not copy the numbers that it sends', () => {
    const data = Float32Array.of(1, 2);

    const [, part] = encodeFrame({ message: { say: 'run' }, tensors: { x: tensor('FP32', data) } });

    expect(part?.buffer).toBe(data.buffer);
  });
});
