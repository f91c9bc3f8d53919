import { isAscii } from 'node:buffer';

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** One record of an object, as it lies there. */
export type RawRecord = {
  /** Of its first byte in the object. */
  readonly offset: number;
} & (
  | (RecordContent & { readonly isTooLarge?: undefined })
  | { readonly bytes?: undefined; readonly isTooLarge: true }
);

/** What a record holds, without line end and byte order mark. */
export interface RecordContent {
  readonly bytes: Buffer;
  /** The same as text, where that is to be had for nothing: all of it is ASCII then. */
  readonly text?: string | undefined;
}

/** Which records to take, and where one ends. */
export interface SplitOptions {
  /** Position in the object of the source's first byte. */
  readonly position: number;
  /** Records whose first byte lies here or later are not taken. */
  readonly end: number;
  /** Whether the source begins inside of something: everything up to the first line end is left out. */
  readonly skipFirst: boolean;
  /** Whether line ends between quotes belong to the record (RFC 4180, section 2.6). */
  readonly quoted: boolean;
  /** Larger records come without bytes, and the next line end after so many ends them, quoted or not. */
  readonly maxRecordBytes: number;
}

/**
 * The records of a stream, in order, as many at a time as one piece of it completes. Lines end with LF or
 * CR LF, the last one also without. Blank lines are no records.
 */
export async function* splitRecords(
  source: AsyncIterable<Buffer>,
  options: SplitOptions,
): AsyncGenerator<RawRecord[], void, undefined> {
  const { end, quoted, maxRecordBytes } = options;
  let position = options.position;
  let isSkipping = options.skipFirst;
  let offset = position;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isQuoted = false;
  let records: RawRecord[] = [];

  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    // One more than allowed may be the CR of a line that is not too large.
    if (heldBytes <= maxRecordBytes + 1) held.push(piece);
  };
  const add = (holder: Holder, start: number, stop: number): void => {
    const record = recordOf(holder, { offset, start, end: stop, maxRecordBytes });
    if (record !== undefined) records.push(record);
    isQuoted = false;
  };
  const addHeld = (): void => {
    // Of one that is too large not all is held.
    add({ piece: Buffer.concat(held), text: undefined }, 0, heldBytes);
    [held, heldBytes] = [[], 0];
  };

  for await (const piece of source) {
    // Decoded once for all its records: per record it would take longer than to find where they end.
    const text = isAscii(piece) ? piece.toString('latin1') : undefined;
    const whole: Holder = { piece, text };
    let from = 0;
    while (from < piece.length) {
      if (!isSkipping && heldBytes === 0 && position + from >= end) {
        if (records.length > 0) yield records;
        return;
      }
      const newline = text === undefined ? piece.indexOf(NEWLINE, from) : text.indexOf('\n', from);
      const until = newline === -1 ? piece.length : newline;
      if (isSkipping) {
        if (newline === -1) break;
        isSkipping = false;
        from = newline + 1;
        continue;
      }
      if (heldBytes === 0) offset = position + from;
      if (quoted && hasOddQuotes(piece.subarray(from, until))) isQuoted = !isQuoted;
      const ends = !isQuoted || position + until - offset > maxRecordBytes;
      if (newline === -1 || !ends) {
        hold(piece.subarray(from, newline === -1 ? until : newline + 1));
      } else if (heldBytes === 0) {
        add(whole, from, until);
      } else {
        hold(piece.subarray(from, until));
        addHeld();
      }
      from = newline === -1 ? piece.length : newline + 1;
    }
    position += piece.length;
    // Whatever begins behind here is not ours: nothing more is asked for.
    const isDone = position >= end && (isSkipping || heldBytes === 0);
    if (records.length > 0) {
      yield records;
      records = [];
    }
    if (isDone) return;
  }
  if (heldBytes > 0) addHeld();
  if (records.length > 0) yield records;
}

/** Bytes that hold whole records, and the same as text where all of them are ASCII. */
interface Holder {
  readonly piece: Buffer;
  readonly text: string | undefined;
}

/** The record between two places of `holder`; undefined for a blank line. */
function recordOf(
  holder: Holder,
  at: { readonly offset: number; start: number; end: number; readonly maxRecordBytes: number },
): RawRecord | undefined {
  const { piece } = holder;
  const { offset, maxRecordBytes } = at;
  let { start, end } = at;
  if (end - start > maxRecordBytes + 1) return { offset, isTooLarge: true };
  if (end > start && piece[end - 1] === RETURN) end -= 1;
  if (offset === 0 && piece.subarray(start, start + 3).equals(BYTE_ORDER_MARK)) start += 3;
  if (end - start > maxRecordBytes) return { offset, isTooLarge: true };
  return isBlank(piece, start, end) ? undefined : new Span(holder, { offset, start, end });
}

/** A record that is a part of a piece: most are only ever looked at as text. */
class Span implements RecordContent {
  readonly offset: number;
  readonly #holder: Holder;
  readonly #start: number;
  readonly #end: number;

  constructor(holder: Holder, at: { offset: number; start: number; end: number }) {
    this.offset = at.offset;
    this.#holder = holder;
    this.#start = at.start;
    this.#end = at.end;
  }

  get bytes(): Buffer {
    return this.#holder.piece.subarray(this.#start, this.#end);
  }

  get text(): string | undefined {
    return this.#holder.text?.slice(this.#start, this.#end);
  }
}

function isBlank(piece: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = piece[at];
    if (byte !== 32 && byte !== 9 && byte !== RETURN) return false;
  }
  return true;
}

function hasOddQuotes(line: Buffer): boolean {
  let isOdd = false;
  for (let at = line.indexOf(QUOTE); at !== -1; at = line.indexOf(QUOTE, at + 1)) isOdd = !isOdd;
  return isOdd;
}
