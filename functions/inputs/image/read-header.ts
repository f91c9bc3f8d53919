import { InvalidImageError } from '../../runtime/errors.ts';
import type { ImageHeader } from './header/image-header.ts';
import { readJpegHeader } from './header/jpeg.ts';
import { readPngHeader } from './header/png.ts';
import { readWebpHeader } from './header/webp.ts';

/** No image may have more pixels: decoded, this many take 75 MB. */
export const MAX_PIXELS = 25_000_000;

/**
 * What an image file says of itself. Nothing is decoded, and no more than the file's own bytes are needed: a
 * small file that unpacks to a huge picture ends here.
 * @throws {InvalidImageError} When it is not JPEG, PNG or WebP by its first bytes, damaged in its header,
 *   animated, empty or larger than {@link MAX_PIXELS}.
 */
export function readHeader(bytes: Buffer): ImageHeader {
  const header = readByFormat(bytes);
  const { format, width, height } = header;
  if (width === 0 || height === 0) throw new InvalidImageError(`The ${format} image has no pixels`);
  if (width * height > MAX_PIXELS) {
    throw new InvalidImageError(
      `The ${format} image has ${width} x ${height} pixels; at most ${MAX_PIXELS / 1e6} megapixels are read`,
    );
  }
  return header;
}

function readByFormat(bytes: Buffer): ImageHeader {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return readJpegHeader(bytes);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) {
    return readPngHeader(bytes);
  }
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') {
    return readWebpHeader(bytes);
  }
  throw new InvalidImageError('Not an image that is read here: send JPEG, PNG or WebP');
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
