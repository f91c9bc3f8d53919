import { ASCII_CLASSES, allClasses, isAscii } from './unicode.ts';
import type { Classes } from './unicode.ts';

/** One place where a pattern fits. */
export interface Match {
  readonly index: number;
  readonly text: string;
}

/** All places where a pattern fits, from left to right. */
export type FindAll = (text: string) => readonly Match[];

/** What a pattern is made of: an escape, the beginning of a group, or one character. */
const PART = /\\p\{\w+\}|\\[^]|\(\?[:=!]|\(\?|&&|[^]/gu;

/**
 * A regular expression of a `tokenizer.json`, which is written for Oniguruma. What means the same in JavaScript is
 * taken over, the three classes by their tables.
 * @throws {Error} When there is something else in it.
 */
export function regexPattern(pattern: string): FindAll {
  const inAscii = finder(translate(pattern, ASCII_CLASSES), pattern);
  let inAll: FindAll | undefined;
  return (text) => {
    if (isAscii(text)) return inAscii(text);
    inAll ??= finder(translate(pattern, allClasses()), pattern);
    return inAll(text);
  };
}

/** A pattern that fits exactly this text. */
export function textPattern(searched: string): FindAll {
  return finder(escapePattern(searched), searched);
}

/** The source of an expression with the flag `u` that matches exactly this text. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** (`matchAll` copies the expression first, and its tables are compiled again: 100 µs for each word.) */
function finder(source: string, pattern: string): FindAll {
  const expression = compile(source, pattern);
  return (text) => {
    const matches: Match[] = [];
    expression.lastIndex = 0;
    for (let found = expression.exec(text); found !== null; found = expression.exec(text)) {
      matches.push({ index: found.index, text: found[0] });
      // An empty match would be found for ever.
      if (found[0] === '') expression.lastIndex += 1;
    }
    return matches;
  };
}

function compile(source: string, pattern: string): RegExp {
  try {
    return new RegExp(source, 'gu');
  } catch (cause) {
    throw unsupported(pattern, cause);
  }
}

function translate(pattern: string, classes: Classes): string {
  let inClass = false;
  let source = '';
  for (const [part] of pattern.matchAll(PART)) {
    if (isRefused(part, inClass)) throw unsupported(pattern);
    const named = classFor(part, classes);
    if (named !== undefined) source += inClass ? named : `[${named}]`;
    else source += part === String.raw`\S` ? `[^${classes.spaces}]` : part;
    if (part === '[') inClass = true;
    if (part === ']') inClass = false;
  }
  return source;
}

function classFor(part: string, { letters, numbers, spaces }: Classes): string | undefined {
  switch (part) {
    case String.raw`\p{L}`:
      return letters;
    case String.raw`\p{N}`:
      return numbers;
    case String.raw`\s`:
      return spaces;
    default:
      return undefined;
  }
}

function isRefused(part: string, inClass: boolean): boolean {
  if (inClass) return part === '[' || part === '&&' || (isEscape(part) && !isKnown(part, true));
  // The last two: Oniguruma's begin and end of a line.
  return part === '(?' || part === '^' || part === '$' || (isEscape(part) && !isKnown(part, false));
}

function isEscape(part: string): boolean {
  return part.startsWith('\\');
}

function isKnown(escape: string, inClass: boolean): boolean {
  return (
    /^\\(p\{[LN]\}|s|[|.+*?()[\]{}^$/\\])$/.test(escape) || (!inClass && escape === String.raw`\S`)
  );
}

function unsupported(pattern: string, cause?: unknown): Error {
  return new Error(`the regular expression ${pattern} is not supported`, { cause });
}
