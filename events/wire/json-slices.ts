/** A part of a JSON text. */
export interface Slice {
  /** The member's name; `undefined` for an item of a list. */
  readonly name: string | undefined;
  readonly start: number;
  readonly end: number;
}

/**
 * Where the members of an object, or the items of a list, stand in its JSON: so that their bytes can be passed on
 * as they were sent, every digit of them.
 * @param text Valid JSON of an object or a list.
 */
export function sliceJson(text: string): Slice[] {
  const slices: Slice[] = [];
  let at = skipSpace(text, 0);
  const isObject = text[at] === '{';
  at = skipSpace(text, at + 1);
  while (text[at] !== '}' && text[at] !== ']') {
    let name: string | undefined;
    if (isObject) {
      const end = skipString(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      // Over the colon.
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = skipValue(text, at);
    slices.push({ name, start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return slices;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let start = quote;
  while (text[start - 1] === '\\') start -= 1;
  return (quote - start) % 2 === 1;
}

const INTERESTING = /["[\]{}]/g;
const END_OF_SCALAR = /[\s,\]}]|$/g;

function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipString(text, from);
  if (first !== '{' && first !== '[') {
    END_OF_SCALAR.lastIndex = from;
    return END_OF_SCALAR.exec(text)?.index ?? text.length;
  }
  let depth = 0;
  INTERESTING.lastIndex = from;
  for (let found = INTERESTING.exec(text); found !== null; found = INTERESTING.exec(text)) {
    const [mark] = found;
    if (mark === '"') INTERESTING.lastIndex = skipString(text, found.index);
    else if (mark === '{' || mark === '[') depth += 1;
    else if ((depth -= 1) === 0) return found.index + 1;
  }
  return text.length;
}
