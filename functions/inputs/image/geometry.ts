import { InvalidImageError } from '../../runtime/errors.ts';
import type { ImagePreprocessing } from './preprocessing.ts';
import { MAX_PIXELS } from './read-header.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How an image becomes what the model sees: resized to `resized`, then cut at `left` and `top`. */
export interface Geometry {
  readonly resized: Size;
  readonly left: number;
  readonly top: number;
  readonly crop: Size;
}

/**
 * The sizes on the way of an image of this size to the model, by the rules of torchvision and of Hugging Face:
 * the longer side is rounded down.
 * @param source As it is seen: after the orientation of EXIF.
 * @throws {InvalidImageError} When it is so elongated that resizing would make more than 25 megapixels of it.
 */
export function planGeometry(
  source: Size,
  { resize, center_crop: crop }: ImagePreprocessing,
): Geometry {
  const resized = 'shorter_side' in resize ? shorterSide(source, resize.shorter_side) : resize;
  if (resized.width * resized.height > MAX_PIXELS) {
    throw new InvalidImageError(
      `The image is too elongated: ${source.width} x ${source.height} pixels`,
    );
  }
  const { width, height } = resized;
  if (crop === undefined)
    return { resized: { width, height }, left: 0, top: 0, crop: { width, height } };
  const round = crop.rounding === 'down' ? Math.floor : halfToEven;
  return {
    resized: { width, height },
    left: round((width - crop.width) / 2),
    top: round((height - crop.height) / 2),
    crop: { width: crop.width, height: crop.height },
  };
}

function shorterSide({ width, height }: Size, side: number): Size {
  return width <= height
    ? { width: side, height: Math.floor((side * height) / width) }
    : { width: Math.floor((side * width) / height), height: side };
}

/** Python's `round`: a half goes to the even neighbour. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
