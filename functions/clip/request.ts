import * as z from 'zod';

import { bytes } from '../inputs/bytes.ts';

/** As many classes as ImageNet has. */
const MAX_TEXTS = 1000;
/** A hundred times what the model reads of a text: what is longer is a mistake. */
const MAX_TEXT_LENGTH = 10_000;

/** A picture, texts, or both. */
export const clipInstance = z
  .strictObject({
    image: bytes(
      'A JPEG, PNG or WebP file of at most 25 megapixels and one frame. Alpha lies on white, EXIF orientation is applied',
    ).optional(),
    texts: z
      .array(z.string().max(MAX_TEXT_LENGTH))
      .min(1)
      .max(MAX_TEXTS)
      .optional()
      .describe('What the picture may show. What is longer than the model reads is cut off'),
  })
  .refine(({ image, texts }) => image !== undefined || texts !== undefined, {
    message: 'Must have an image, texts, or both',
  });

/** A picture, texts, or both. */
export type ClipInstance = z.infer<typeof clipInstance>;

/** What a caller may choose. */
export const clipOptions = z.object({
  embeddings: z
    .boolean()
    .default(false)
    .describe('Whether to give the embeddings too, when there is a picture and texts'),
});

const embedding = z.array(z.number());

/** How well the texts fit the picture; embeddings when there is only one of the two, or when asked for. */
export const clipPrediction = z.strictObject({
  similarities: z
    .array(z.number().min(-1).max(1))
    .optional()
    .describe('Cosine of the angle between the picture and each text, in the order of the texts'),
  probabilities: z
    .array(z.number().min(0).max(1))
    .optional()
    .describe(
      'Of each text, if exactly one of them is true: softmax of the similarities times the learned scale',
    ),
  image_embedding: embedding.optional().describe('Of length one'),
  text_embeddings: z
    .array(embedding)
    .optional()
    .describe('One per text, in their order, of length one'),
});
