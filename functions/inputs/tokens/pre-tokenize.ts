import { regexPattern, textPattern } from './pattern.ts';
import type { FindAll } from './pattern.ts';
import type { PreTokenizer } from './tokenizer-schema.ts';
import { isPunctuation } from './unicode.ts';

/** A normalized text, or a part of one, to the words that the model takes one by one. */
export type PreTokenize = (text: string) => readonly string[];

/** The words of GPT-2, into which ByteLevel cuts before it turns to bytes. */
const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * The steps of a `tokenizer.json`: each cuts further what the one before has left.
 * @throws {Error} When a regular expression of it is not supported.
 */
export function createPreTokenize(steps: readonly PreTokenizer[]): PreTokenize {
  const functions = steps.map(createStep);
  return (text) =>
    functions.reduce<readonly string[]>((words, step) => words.flatMap(step), [text]);
}

function createStep(step: PreTokenizer): PreTokenize {
  switch (step.type) {
    case 'Split':
      return createSplit(step);
    case 'ByteLevel': {
      const words = regexPattern(GPT2_WORDS);
      const cut: PreTokenize = step.use_regex
        ? (text) => cutAt(text, words, true)
        : (text) => [text];
      return (text) => cut(text).map(toByteLetters);
    }
    case 'BertPreTokenizer':
      return bertWords;
  }
}

function createSplit({
  pattern,
  behavior,
  invert,
}: Extract<PreTokenizer, { type: 'Split' }>): PreTokenize {
  const searched = 'Regex' in pattern ? regexPattern(pattern.Regex) : textPattern(pattern.String);
  if (behavior === 'Isolated') return (text) => cutAt(text, searched, true);
  if (!invert) return (text) => cutAt(text, searched, false);
  return (text) =>
    searched(text)
      .map((match) => match.text)
      .filter(isNotEmpty);
}

/** What lies between the matches, and the matches themselves if they are kept. */
function cutAt(text: string, searched: FindAll, keepMatches: boolean): string[] {
  const parts: string[] = [];
  let end = 0;
  for (const match of searched(text)) {
    parts.push(text.slice(end, match.index));
    if (keepMatches) parts.push(match.text);
    end = match.index + match.text.length;
  }
  parts.push(text.slice(end));
  return parts.filter(isNotEmpty);
}

/** https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/pre_tokenizers/bert.rs */
function bertWords(text: string): string[] {
  const words: string[] = [];
  for (const word of text.split(/\p{White_Space}+/u)) {
    let start = 0;
    let at = 0;
    for (const character of word) {
      const end = at + character.length;
      if (isPunctuation(character)) {
        words.push(word.slice(start, at), character);
        start = end;
      }
      at = end;
    }
    words.push(word.slice(start));
  }
  return words.filter(isNotEmpty);
}

/**
 * One printable letter per byte, as in GPT-2: those of Latin-1 stand for themselves, the others for what is left
 * from U+0100 on.
 */
const BYTE_LETTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : next++),
  );
})();

const utf8 = new TextEncoder();

function toByteLetters(text: string): string {
  let letters = '';
  for (const byte of utf8.encode(text)) letters += BYTE_LETTERS[byte] ?? '';
  return letters;
}

function isNotEmpty(part: string): boolean {
  return part !== '';
}
