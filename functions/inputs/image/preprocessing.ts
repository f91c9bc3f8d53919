import * as z from 'zod';

const side = z.int().min(1).max(4096);
const channels = z.tuple([z.number(), z.number(), z.number()]);
const interpolation = z.enum(['bilinear', 'bicubic']);

/**
 * The `preprocessing` of a `model.json` whose model sees images: what happens to a picture, in this order. An
 * image is RGB throughout.
 */
export const imagePreprocessing = z
  .strictObject({
    /** What becomes of alpha: the colours below it stay, as by Pillow's `convert('RGB')`, or it lies on white. */
    transparency: z.enum(['dropped', 'on-white']).default('dropped'),
    /** Pillow's `Image.resize`, with its filter of this name: to this shorter side, or to exactly this size. */
    resize: z.union([
      z.strictObject({ shorter_side: side, interpolation }),
      z.strictObject({ width: side, height: side, interpolation }),
    ]),
    /** Cut out of the middle; a half pixel goes to the even side as in torchvision, or down. */
    center_crop: z
      .strictObject({
        width: side,
        height: side,
        rounding: z.enum(['half-even', 'down']).default('half-even'),
      })
      .optional(),
    /** 0 to 255 times `scale`, less `mean`, divided by `standard_deviation`, per channel. */
    scale: z.number().positive(),
    mean: channels,
    standard_deviation: channels,
  })
  .refine(
    ({ resize, center_crop: crop }) =>
      crop === undefined ||
      ('shorter_side' in resize
        ? Math.max(crop.width, crop.height) <= resize.shorter_side
        : crop.width <= resize.width && crop.height <= resize.height),
    { message: 'must not be larger than what is resized to', path: ['center_crop'] },
  )
  .refine(({ resize, center_crop: crop }) => crop !== undefined || 'width' in resize, {
    message: 'is needed, as a shorter side alone does not give all images one size',
    path: ['center_crop'],
  });

/** The constants of {@link imagePreprocessing}. */
export type ImagePreprocessing = z.infer<typeof imagePreprocessing>;

/** Width and height of every picture that the model sees. */
export function inputSize({ resize, center_crop: crop }: ImagePreprocessing): {
  readonly width: number;
  readonly height: number;
} {
  const size = crop ?? resize;
  if ('width' in size) return { width: size.width, height: size.height };
  throw new TypeError('A shorter side alone gives no size');
}
