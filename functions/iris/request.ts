import * as z from 'zod';

const centimetres = (part: string): z.ZodNumber =>
  z.number().min(0).max(100).describe(`${part} in centimetres`);

/** One flower, measured. */
export const irisInstance = z.strictObject({
  sepal_length: centimetres('Length of a sepal'),
  sepal_width: centimetres('Width of a sepal'),
  petal_length: centimetres('Length of a petal'),
  petal_width: centimetres('Width of a petal'),
});

/** One flower, measured. */
export type IrisInstance = z.infer<typeof irisInstance>;

/** Which species the flower is. */
export const irisPrediction = z.strictObject({
  prediction: z.string().describe('The most probable species'),
  confidence: z.number().min(0).max(1).describe('Probability of that species'),
  probabilities: z.record(z.string(), z.number()).describe('Probability of each species, by name'),
});

/** Which species the flower is. */
export type IrisPrediction = z.infer<typeof irisPrediction>;
