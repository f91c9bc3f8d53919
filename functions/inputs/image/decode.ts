import type sharp from 'sharp';
import type { Sharp } from 'sharp';

import { InvalidImageError } from '../../runtime/errors.ts';
import { cmykToRgb } from './cmyk.ts';
import type { ImageHeader } from './header/image-header.ts';
import type { Pixels } from './resample.ts';

type SharpFactory = typeof sharp;

let loading: Promise<SharpFactory> | undefined;

/**
 * An image file's pixels as Pillow's `exif_transpose` and `convert('RGB')` give them: turned as EXIF asks, grey and
 * palette spread to three channels, alpha dropped and not blended, colour profiles ignored, CMYK by the plain
 * formula. Of 16 bits it is the upper 8, for grey too, where Pillow makes everything above 255 white.
 * @param header What `readHeader` said of the same bytes.
 * @throws {InvalidImageError} When the file is damaged or cut off.
 */
export async function decodeImage(bytes: Buffer, header: ImageHeader): Promise<Pixels> {
  const sharp = await (loading ??= loadSharp());
  const image = sharp(bytes, {
    // Two different readers, one limit: the decoder gets no more than the header said.
    limitInputPixels: header.width * header.height,
    failOn: 'error',
    ignoreIcc: true,
  }).autoOrient();
  if (header.isCmyk) {
    const cmyk = image.pipelineColourspace('cmyk').toColourspace('cmyk');
    return cmykToRgb(await unpack(cmyk, header));
  }
  return unpack(image.removeAlpha().toColourspace('srgb'), header);
}

async function unpack(image: Sharp, { format, isCmyk }: ImageHeader): Promise<Pixels> {
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new InvalidImageError(`The ${format} image is damaged or cut off`, { cause });
    });
  const { width, height, channels } = info;
  if (channels !== (isCmyk ? 4 : 3)) {
    throw new InvalidImageError(`The ${format} image has colours that are not read here`);
  }
  return { width, height, data };
}

/** Loaded with the first image: a start that sees none does not pay for it. */
async function loadSharp(): Promise<SharpFactory> {
  const { default: sharp } = await import('sharp');
  // Every file is another one.
  sharp.cache(false);
  // Requests are what runs side by side here.
  sharp.concurrency(1);
  // Whatever else a file may be to libvips (SVG, PDF, TIFF): those loaders stay shut.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp'].map((format) => `VipsForeignLoad${format}Buffer`),
  });
  return sharp;
}
