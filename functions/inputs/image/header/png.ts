import { animated, damagedHeader } from './image-header.ts';
import type { ImageHeader } from './image-header.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const CHUNK_FRAME_BYTES = 12;

/**
 * The header of a PNG file: the sizes of its IHDR chunk.
 * https://www.w3.org/TR/png-3/#11IHDR
 * @throws {InvalidImageError} When it is damaged, or has the `acTL` chunk of an animation before its pixels.
 */
export function readPngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') throw damagedHeader('PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];

  let offset = SIGNATURE_BYTES;
  while (offset + CHUNK_FRAME_BYTES <= bytes.length) {
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    if (type === 'acTL') throw animated('PNG');
    if (type === 'IDAT') return { format: 'PNG', width, height, isCmyk: false };
    offset += CHUNK_FRAME_BYTES + bytes.readUInt32BE(offset);
  }
  throw damagedHeader('PNG');
}
