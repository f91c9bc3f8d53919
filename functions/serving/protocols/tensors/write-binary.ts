import type { Tensor } from '../../../runtime/tensor.ts';

/** A tensor's elements as the binary tensor data extension carries them; typed arrays are views, not copies. */
export function binaryData({ data }: Pick<Tensor, 'data'>): Buffer {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
