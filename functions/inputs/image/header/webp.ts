import { animated, damagedHeader } from './image-header.ts';
import type { ImageHeader } from './image-header.ts';

const ANIMATION_FLAG = 0x02;

/**
 * The header of a WebP file: the sizes of its first chunk.
 * https://developers.google.com/speed/webp/docs/riff_container
 * @throws {InvalidImageError} When it is damaged or animated.
 */
export function readWebpHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 30) throw damagedHeader('WebP');
  return { format: 'WebP', isCmyk: false, ...readSize(bytes) };
}

function readSize(bytes: Buffer): { readonly width: number; readonly height: number } {
  switch (bytes.toString('latin1', 12, 16)) {
    // Lossy: a VP8 key frame (RFC 6386, 9.1). The upper two bits of each size ask for scaling.
    case 'VP8 ':
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) throw damagedHeader('WebP');
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    // Lossless: 14 bits each, less one.
    case 'VP8L': {
      if (bytes[20] !== 0x2f) throw damagedHeader('WebP');
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    // Extended: flags, then 24 bits each, less one.
    case 'VP8X':
      if (((bytes[20] ?? 0) & ANIMATION_FLAG) !== 0) throw animated('WebP');
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      throw damagedHeader('WebP');
  }
}
