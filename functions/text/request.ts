import * as z from 'zod';

/** 2^20 UTF-16 units: a megabyte of UTF-8 always fits, and holds up nobody for longer than a tenth of a second. */
const MAX_CHARACTERS = 1_048_576;

/** One letter. */
export const textInstance = z.strictObject({
  text: z
    .string()
    .max(MAX_CHARACTERS)
    .describe('A letter to a shop’s support, in English; any text has an answer, an empty one too'),
});

/** One letter. */
export type TextInstance = z.infer<typeof textInstance>;

/** What a letter is about. */
export const textPrediction = z.strictObject({
  prediction: z.string().describe('The most probable topic'),
  confidence: z.number().min(0).max(1).describe('Probability of that topic'),
  probabilities: z.record(z.string(), z.number()).describe('Probability of each topic, by name'),
});

/** What a letter is about. */
export type TextPrediction = z.infer<typeof textPrediction>;
