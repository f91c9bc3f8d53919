import { InvalidImageError } from '../../../runtime/errors.ts';

/** The image formats that are read. */
export type ImageFormat = 'JPEG' | 'PNG' | 'WebP';

/** What an image file says of itself before a pixel is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** In pixels, as stored: before the orientation of EXIF is applied. */
  readonly width: number;
  readonly height: number;
  /** Cyan, magenta, yellow and black instead of red, green and blue. */
  readonly isCmyk: boolean;
}

/** The error for a file whose header ends too early or makes no sense. */
export function damagedHeader(format: ImageFormat): InvalidImageError {
  return new InvalidImageError(`The ${format} image is damaged or cut off in its header`);
}

/** The error for a file with more than one frame. */
export function animated(format: ImageFormat): InvalidImageError {
  return new InvalidImageError(`The ${format} image is animated: send one frame`);
}
