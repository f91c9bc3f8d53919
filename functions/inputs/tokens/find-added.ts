import type { Normalize } from './normalize.ts';
import { escapePattern } from './pattern.ts';
import type { TokenizerFile } from './tokenizer-schema.ts';

/** A part of a text: an added token's id, or what lies between. */
export type Part = number | string;

type AddedToken = TokenizerFile['added_tokens'][number];

/**
 * Finds tokens such as `<|endoftext|>` or `[MASK]` that stand in a text as they are: some before it is normalized,
 * some after. What lies between is given back normalized.
 * https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/added_vocabulary.rs
 */
export function createFindAdded(
  tokens: readonly AddedToken[],
  normalize: Normalize,
): (text: string) => readonly Part[] {
  const inRaw = createSplit(tokens.filter(({ normalized }) => !normalized));
  const inNormalized = createSplit(
    tokens
      .filter(({ normalized }) => normalized)
      .map(({ id, content }) => ({ id, content: normalize(content) })),
  );
  return (text) =>
    inRaw(text).flatMap((part) =>
      typeof part === 'number' ? [part] : inNormalized(normalize(part)),
    );
}

function createSplit(
  tokens: readonly Pick<AddedToken, 'id' | 'content'>[],
): (text: string) => readonly Part[] {
  const ids = new Map(tokens.map(({ id, content }) => [content, id]));
  if (ids.size === 0) return (text) => [text];
  // The leftmost, and of those the longest: the order of the alternatives.
  const contents = [...ids.keys()].toSorted((a, b) => b.length - a.length);
  const searched = new RegExp(`(${contents.map(escapePattern).join('|')})`, 'u');
  return (text) =>
    text
      .split(searched)
      .map((part, index) => (index % 2 === 1 ? (ids.get(part) ?? part) : part))
      .filter((part) => part !== '');
}
