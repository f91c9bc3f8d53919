import type sharp from 'sharp';
import type { Sharp } from 'sharp';

import { InvalidImageError } from '../../runtime/errors.ts';
import { cmykToRgb } from './cmyk.ts';
import type { ImageHeader } from './header/image-header.ts';
import { onWhite } from './on-white.ts';
import type { ImagePreprocessing } from './preprocessing.ts';
import type { Pixels } from './resample.ts';

type SharpFactory = typeof sharp;

let loading: Promise<SharpFactory> | undefined;

/**
 * An image file's pixels as Pillow's `exif_transpose` and `convert('RGB')` give them: turned as EXIF asks, grey and
 * palette spread to three channels, alpha dropped or laid on white, colour profiles ignored, CMYK by the plain
 * formula. Of 16 bits it is the upper 8, for grey too, where Pillow makes everything above 255 white.
 * @param header What `readHeader` said of the same bytes.
 * @throws {InvalidImageError} When the file is damaged or cut off.
 */
export async function decodeImage(
  bytes: Buffer,
  header: ImageHeader,
  transparency: ImagePreprocessing['transparency'] = 'dropped',
): Promise<Pixels> {
  const sharp = await (loading ??= loadSharp());
  const image = sharp(bytes, {
    // Two different readers, one limit: the decoder gets no more than the header said.
    limitInputPixels: header.width * header.height,
    failOn: 'error',
    ignoreIcc: true,
  }).autoOrient();
  if (header.isCmyk) {
    const cmyk = image.pipelineColourspace('cmyk').toColourspace('cmyk');
    return cmykToRgb(await unpack(cmyk, header, 4));
  }
  // JPEG has no alpha.
  if (transparency === 'on-white' && header.format !== 'JPEG') {
    return onWhite(await unpack(image.ensureAlpha().toColourspace('srgb'), header, 4));
  }
  return unpack(image.removeAlpha().toColourspace('srgb'), header, 3);
}

async function unpack(image: Sharp, { format }: ImageHeader, wanted: 3 | 4): Promise<Pixels> {
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new InvalidImageError(`The ${format} image is damaged or cut off`, { cause });
    });
  const { width, height, channels } = info;
  if (channels !== wanted) {
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
