import * as z from 'zod';

/** What becomes of a text, in the `preprocessing` of a `model.json` whose model reads tokens. */
export const textPreprocessing = z.strictObject({
  /** The name of the package's `tokenizer.json`. */
  tokenizer: z.string(),
  /** With the special tokens; what a text has more is cut off at its end. */
  max_tokens: z.int().min(3),
  /** Fills up what is shorter. */
  pad_id: z.int().nonnegative(),
});

/** The constants of {@link textPreprocessing}. */
export type TextPreprocessing = z.infer<typeof textPreprocessing>;
