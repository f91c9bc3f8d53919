import * as z from 'zod';

import { bytes } from '../inputs/bytes.ts';

/** One picture. */
export const imageInstance = z.strictObject({
  image: bytes(
    'A JPEG, PNG or WebP file of at most 25 megapixels and one frame. Alpha is dropped, EXIF orientation applied',
  ),
});

/** One picture. */
export type ImageInstance = z.infer<typeof imageInstance>;

/** What a caller may choose. */
export const imageOptions = z.object({
  top_k: z
    .int()
    .min(1)
    .optional()
    .describe('How many classes to name, at most as many as there are; 5 when not given'),
});

/** What a caller may choose. */
export type ImageOptions = z.infer<typeof imageOptions>;

/** What the picture shows, best guess first. */
export const imagePrediction = z.strictObject({
  predictions: z.array(
    z.strictObject({
      label: z.string().describe('Name of the class'),
      index: z.int().min(0).describe('Number of the class: its place in labels.json'),
      score: z
        .number()
        .min(0)
        .max(1)
        .describe('Probability of the class; those of all add up to 1'),
    }),
  ),
});

/** What the picture shows, best guess first. */
export type ImagePrediction = z.infer<typeof imagePrediction>;
