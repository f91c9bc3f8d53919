import * as z from 'zod';

import { bytes } from '../inputs/bytes.ts';

/** Hundreds of times what the model reads of a text: what is longer is a mistake. */
const MAX_TEXT_LENGTH = 10_000;

/** A picture and what is said about it. */
export const flavaInstance = z.strictObject({
  image: bytes(
    'A JPEG, PNG or WebP file of at most 25 megapixels and one frame. Alpha lies on white, EXIF orientation is applied',
  ),
  text: z
    .string()
    .max(MAX_TEXT_LENGTH)
    .describe('What is said about the picture. What is longer than the model reads is cut off'),
});

/** A picture and what is said about it. */
export type FlavaInstance = z.infer<typeof flavaInstance>;

/** Whether the text belongs to the picture. */
export const flavaPrediction = z.strictObject({
  label: z.string().describe('The most probable label'),
  scores: z
    .array(z.number().min(0).max(1))
    .describe('Softmax of the logits: probabilities, in the order of labels.json'),
  logits: z.array(z.number()).describe('In the order of labels.json'),
});

/** Whether the text belongs to the picture. */
export type FlavaPrediction = z.infer<typeof flavaPrediction>;
