import { decodeImage } from './decode.ts';
import { createGate } from './gate.ts';
import { planGeometry } from './geometry.ts';
import type { ImagePreprocessing } from './preprocessing.ts';
import { MAX_PIXELS, readHeader } from './read-header.ts';
import { resizeAndCrop } from './resample.ts';
import type { Pixels } from './resample.ts';

/**
 * Decoded pixels that a process holds at a time: one image of the largest size, or many small ones. With what
 * the decoder needs beside them, a pixel is about 12 bytes.
 */
const gate = createGate(MAX_PIXELS);

/**
 * An image file as the model sees it: decoded, turned upright, resized and cropped by the model's constants.
 * @param bytes JPEG, PNG or WebP, told by the first bytes.
 * @throws {InvalidImageError} When it is anything else, larger than 25 megapixels, animated, damaged or cut off.
 */
export async function readImage(bytes: Buffer, preprocessing: ImagePreprocessing): Promise<Pixels> {
  const header = readHeader(bytes);
  // Before decoding: an image that cannot be used must not cost anything. Turning it swaps the sides.
  planGeometry(header, preprocessing);
  return gate.run(header.width * header.height, async () => {
    const pixels = await decodeImage(bytes, header, preprocessing.transparency);
    const geometry = planGeometry(pixels, preprocessing);
    return resizeAndCrop(pixels, geometry, preprocessing.resize.interpolation);
  });
}
