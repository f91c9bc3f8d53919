import type { Tensor } from '../../../runtime/tensor.ts';

const LENGTH_BYTES = 4;

/** A tensor's elements as the binary tensor data extension carries them; typed arrays are views, not copies. */
export function binaryData({ data }: Pick<Tensor, 'data'>): Buffer {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // One piece of memory: with one per text, half a million of them take seconds.
  const sizes = data.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(
    sizes.reduce((sum, size) => sum + size, LENGTH_BYTES * data.length),
  );
  let offset = 0;
  for (const [index, text] of data.entries()) {
    offset = bytes.writeUInt32LE(sizes[index] ?? 0, offset);
    offset += bytes.write(text, offset);
  }
  return bytes;
}
