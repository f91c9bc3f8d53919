import { LETTERS, MARKS, NUMBERS, OPAQUE, PUNCTUATION, REMOVED } from './unicode-classes.ts';

/** The inside of a character class of a regular expression with the flag `u`, from ranges in base 36. */
function classOf(ranges: string): string {
  const numbers = ranges.split(' ').map((number) => Number.parseInt(number, 36));
  let next = 0;
  let inside = '';
  for (let index = 0; index < numbers.length; index += 2) {
    const first = next + (numbers[index] ?? 0);
    next = first + (numbers[index + 1] ?? 0);
    inside += `\\u{${first.toString(16)}}-\\u{${(next - 1).toString(16)}}`;
  }
  return inside;
}

/** A value that is made when it is first asked for. */
function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The insides of character classes, for `\p{L}`, `\p{N}` and `\s` of the library's regular expressions. */
export interface Classes {
  readonly letters: string;
  readonly numbers: string;
  /** Not JavaScript's: with U+0085, without U+FEFF. */
  readonly spaces: string;
}

/** For any text. */
export const allClasses = lazy((): Classes => ({
  letters: classOf(LETTERS),
  numbers: classOf(NUMBERS),
  spaces: String.raw`\p{White_Space}`,
}));

/** For texts of ASCII letters alone, which are found ten times as fast with these. */
export const ASCII_CLASSES: Classes = {
  letters: 'A-Za-z',
  numbers: '0-9',
  spaces: String.raw`\t-\r\x20`,
};

const punctuation = lazy(() => new RegExp(`[${classOf(PUNCTUATION)}]`, 'u'));
const removed = lazy(() => new RegExp(`[${classOf(REMOVED)}]`, 'gu'));
const marks = lazy(() => new RegExp(`[${classOf(MARKS)}]`, 'gu'));
const opaque = lazy(() => new RegExp(`([${classOf(OPAQUE)}])`, 'u'));

/** Whether BERT makes a word of its own of this character. */
export function isPunctuation(character: string): boolean {
  return punctuation().test(character);
}

/** The text without what BERT takes for control characters. */
export function removeControls(text: string): string {
  return text.replaceAll(removed(), '');
}

/** The text without marks that take no room; accents, when it was decomposed before. */
export function removeMarks(text: string): string {
  return text.replaceAll(marks(), '');
}

/** The normal form as the library has it, whose tables are older than Node's. */
export function normalForm(text: string, form: 'NFC' | 'NFD'): string {
  if (isAscii(text)) return text;
  if (!opaque().test(text)) return text.normalize(form);
  // What the library does not know stands between the parts as it is: every second one.
  return text
    .split(opaque())
    .map((part, index) => (index % 2 === 1 ? part : part.normalize(form)))
    .join('');
}

/** Lower case letter by letter, as the library does it: a final sigma is not another letter there. */
export function lowerCase(text: string): string {
  return text.includes('Σ')
    ? Array.from(text, (letter) => letter.toLowerCase()).join('')
    : text.toLowerCase();
}

/** Whether there are only ASCII characters in the text. */
export function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII is meant
  return /^[\0-\x7f]*$/.test(text);
}
