import { inTurns } from '../in-turns.ts';
import { createTokenizer } from './create-tokenizer.ts';
import { stackIds } from './stack-ids.ts';
import type { StackedIds } from './stack-ids.ts';
import type { TextPreprocessing } from './text-preprocessing.ts';

/** Turns texts into what one model reads. */
export interface TextStacker {
  /** N texts to ids and mask, INT64 [N, tokens], special tokens included. Other requests get their turns in between. */
  stack(texts: readonly string[]): Promise<StackedIds>;
}

/**
 * A {@link TextStacker} for the tokenizer and the constants of a package.
 * @param assets The package's files, by name.
 * @param filledTo The tokens of a row: as many as the longest text of a call has, or always as many as the model reads.
 * @throws {Error} When the file is not there or not supported.
 */
export function createTextStacker(
  assets: ReadonlyMap<string, Uint8Array>,
  { tokenizer: name, max_tokens: maxTokens, pad_id: padId }: TextPreprocessing,
  filledTo: 'longest' | 'limit',
): TextStacker {
  const file = assets.get(name);
  if (file === undefined) throw new Error(`the package has no tokenizer ${name}`);
  const tokenizer = createTokenizer(file);
  return {
    async stack(texts) {
      const rows: number[][] = [];
      // A word of ten thousand letters takes milliseconds.
      await inTurns(texts, (text) => void rows.push(tokenizer.encode(text, maxTokens)));
      return stackIds(rows, padId, filledTo === 'limit' ? maxTokens : undefined);
    },
  };
}
