import * as z from 'zod';

import { createBytePair } from './byte-pair.ts';
import { createFindAdded } from './find-added.ts';
import { createNormalize } from './normalize.ts';
import { createPreTokenize } from './pre-tokenize.ts';
import { readSurround } from './surround.ts';
import { tokenizerFile } from './tokenizer-schema.ts';
import type { TokenizerFile } from './tokenizer-schema.ts';
import { createWordPiece } from './word-piece.ts';

/** Turns texts into the numbers that a model reads. */
export interface Tokenizer {
  /**
   * The ids of a text with the special tokens around them; what is more than `maxTokens` is cut off at the end of
   * the text. A lone surrogate counts as U+FFFD.
   */
  encode(text: string, maxTokens: number): number[];
}

/**
 * START HERE. A tokenizer from a `tokenizer.json`, as Hugging Face's `tokenizers` reads it: added tokens → normalize
 * → words → tokens → special tokens.
 * @throws {Error} When the file is not JSON, or asks for something that is not read here; the message says what.
 */
export function createTokenizer(file: Uint8Array): Tokenizer {
  const { added_tokens: added, normalizer, pre_tokenizer, post_processor, model } = parse(file);
  const normalize = createNormalize(stepsOf(normalizer, 'normalizers'));
  const findAdded = createFindAdded(added, normalize);
  const preTokenize = createPreTokenize(stepsOf(pre_tokenizer, 'pretokenizers'));
  const toIds = model.type === 'BPE' ? createBytePair(model) : createWordPiece(model);
  const { before, after } = readSurround(post_processor);

  return {
    encode(text, maxTokens) {
      const most = Math.max(0, maxTokens - before.length - after.length);
      const ids: number[] = [];
      for (const part of findAdded(text.toWellFormed())) {
        if (typeof part === 'number') ids.push(part);
        else {
          for (const word of preTokenize(part)) {
            ids.push(...toIds(word).slice(0, most));
            if (ids.length >= most) break;
          }
        }
        if (ids.length >= most) break;
      }
      return [...before, ...ids.slice(0, most), ...after];
    },
  };
}

function parse(file: Uint8Array): TokenizerFile {
  const { success, data, error } = tokenizerFile.safeParse(
    JSON.parse(Buffer.from(file).toString()),
  );
  if (!success) throw new Error(`it is not supported: ${z.prettifyError(error)}`, { cause: error });
  return data;
}

type Steps<Step, Key extends string> = Step | ({ type: 'Sequence' } & Record<Key, Step[]>) | null;

function stepsOf<Step extends { type: string }, Key extends string>(
  value: Steps<Step, Key>,
  key: Key,
): readonly Step[] {
  if (value === null) return [];
  return key in value ? (value as Record<Key, Step[]>)[key] : [value as Step];
}
