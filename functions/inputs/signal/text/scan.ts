import { InvalidRequestError } from '../../../runtime/errors.ts';
import { createTurns } from '../../turns.ts';
import type { Grammar } from './grammar.ts';
import { parseNumber } from './parse-number.ts';

/** Takes the numbers of a text, in their order. */
export interface NumberSink {
  /** @param column Of its line, from 0. */
  value(value: number, column: number): void;
  /** After the last number of a line that has some. */
  lineEnd(columns: number): void;
}

const KIND = { other: 0, blank: 1, separator: 2, lineEnd: 3, remark: 4, quote: 5 } as const;

/** So many bytes pass before it is looked whether other requests wait. */
const BYTES_PER_LOOK = 16 * 1024;

/**
 * Gives every number of a text to `sink`, in slices of a few milliseconds.
 * @throws {InvalidRequestError} When there is something else than numbers, or nothing between two separators.
 */
export async function scanNumbers(
  bytes: Buffer,
  { start, decimal }: Pick<Grammar, 'start' | 'decimal'>,
  sink: NumberSink,
): Promise<void> {
  const kinds = kindsOf(decimal);
  const sign = decimal.charCodeAt(0);
  const turns = createTurns();
  let lookAt = start + BYTES_PER_LOOK;
  let column = 0;
  let line = 1 + countLines(bytes, start);
  /** Whether a separator was the last thing on this line: another one right after it is at fault. */
  let isOpen = false;
  let place = start;
  while (place < bytes.length) {
    const kind = kinds[bytes[place] ?? 0];
    if (kind === KIND.blank || kind === KIND.quote) {
      place += 1;
    } else if (kind === KIND.lineEnd) {
      if (column > 0) sink.lineEnd(column);
      column = 0;
      isOpen = false;
      line += 1;
      place += 1;
    } else if (kind === KIND.separator) {
      if (isOpen || column === 0) throw emptyField(line);
      isOpen = true;
      place += 1;
    } else if (kind === KIND.remark && column === 0) {
      const end = bytes.indexOf(0x0a, place);
      place = end === -1 ? bytes.length : end;
    } else {
      const end = endOfWord(bytes, kinds, place);
      sink.value(checkedNumber(bytes, place, end, sign, line), column);
      column += 1;
      isOpen = false;
      place = end;
    }
    if (place >= lookAt) {
      if (turns.isOver()) await turns.next();
      lookAt = place + BYTES_PER_LOOK;
    }
  }
  if (column > 0) sink.lineEnd(column);
}

function kindsOf(decimal: Grammar['decimal']): Uint8Array {
  const kinds = new Uint8Array(256);
  const set = (signs: string, kind: number): void => {
    for (const sign of signs) kinds[sign.charCodeAt(0)] = kind;
  };
  // Brackets and quotes come with numbers that were printed by a program.
  set(' \t\r\v\f[](){}', KIND.blank);
  set('"\'', KIND.quote);
  set(decimal === ',' ? ';|' : ',;|', KIND.separator);
  set('\n', KIND.lineEnd);
  set('#%', KIND.remark);
  return kinds;
}

/** Quotes stand around numbers; one inside, as in `1'000`, is a part of the word, which then is no number. */
function endOfWord(bytes: Buffer, kinds: Uint8Array, start: number): number {
  const kindAt = (place: number): number | undefined =>
    place < bytes.length ? kinds[bytes[place] ?? 0] : undefined;
  let end = start + 1;
  for (;;) {
    const kind = kindAt(end);
    const isInside = kind === KIND.quote && kindAt(end + 1) === KIND.other;
    if (kind !== KIND.other && !isInside) return end;
    end += 1;
  }
}

function countLines(bytes: Buffer, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) {
    lines += 1;
  }
  return lines;
}

function checkedNumber(
  bytes: Buffer,
  start: number,
  end: number,
  decimal: number,
  line: number,
): number {
  const value = parseNumber(bytes, start, end, decimal);
  if (!Number.isNaN(value)) return value;
  const text = bytes.toString('latin1', start, Math.min(end, start + 24));
  throw new InvalidRequestError(
    /^[+-]?nan$/i.test(text) || /^[+-]?inf/i.test(text)
      ? `Line ${line} has a number that is not finite`
      : `Line ${line} has ${JSON.stringify(text)}, which is not a number`,
  );
}

function emptyField(line: number): InvalidRequestError {
  return new InvalidRequestError(`Line ${line} has nothing between two separators`);
}
