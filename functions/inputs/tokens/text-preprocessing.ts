import * as z from 'zod';

import { createTokenizer } from './create-tokenizer.ts';

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
type TextPreprocessing = z.infer<typeof textPreprocessing>;

/** A text to its ids, special tokens included. */
export type EncodeText = (text: string) => readonly number[];

/**
 * The tokenizer of a package, with the model's limit.
 * @param assets The package's files, by name.
 * @throws {Error} When the file is not there or not supported.
 */
export function createEncodeText(
  assets: ReadonlyMap<string, Uint8Array>,
  { tokenizer: name, max_tokens: maxTokens }: TextPreprocessing,
): EncodeText {
  const file = assets.get(name);
  if (file === undefined) throw new Error(`the package has no tokenizer ${name}`);
  const tokenizer = createTokenizer(file);
  return (text) => tokenizer.encode(text, maxTokens);
}
