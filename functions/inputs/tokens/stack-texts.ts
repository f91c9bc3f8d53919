import { setImmediate } from 'node:timers/promises';

import { createTokenizer } from './create-tokenizer.ts';
import { stackIds } from './stack-ids.ts';
import type { StackedIds } from './stack-ids.ts';
import type { TextPreprocessing } from './text-preprocessing.ts';

/** A word of ten thousand letters takes milliseconds; after each such time others have a turn. */
const TURN_MS = 10;

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
      let sinceMs = performance.now();
      for (const text of texts) {
        rows.push(tokenizer.encode(text, maxTokens));
        if (performance.now() - sinceMs < TURN_MS) continue;
        await setImmediate();
        sinceMs = performance.now();
      }
      return stackIds(rows, padId, filledTo === 'limit' ? maxTokens : undefined);
    },
  };
}
