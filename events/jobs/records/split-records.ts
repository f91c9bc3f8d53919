const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** One record of an object, as it lies there. */
export interface RawRecord {
  /** Of its first byte in the object. */
  readonly offset: number;
  /** Without line end and byte order mark; undefined when it is larger than allowed. */
  readonly bytes: Buffer | undefined;
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
  const take = (): void => {
    const record = recordOf(offset, held, heldBytes, maxRecordBytes);
    if (record !== undefined) records.push(record);
    [held, heldBytes, isQuoted] = [[], 0, false];
  };

  for await (const piece of source) {
    let from = 0;
    while (from < piece.length) {
      if (!isSkipping && heldBytes === 0 && position + from >= end) {
        if (records.length > 0) yield records;
        return;
      }
      const newline = piece.indexOf(NEWLINE, from);
      const until = newline === -1 ? piece.length : newline;
      if (isSkipping) {
        if (newline === -1) break;
        isSkipping = false;
        from = newline + 1;
        continue;
      }
      if (heldBytes === 0) offset = position + from;
      const line = piece.subarray(from, until);
      if (quoted && hasOddQuotes(line)) isQuoted = !isQuoted;
      const ends = !isQuoted || position + until - offset > maxRecordBytes;
      if (newline === -1 || !ends) {
        hold(newline === -1 ? line : piece.subarray(from, newline + 1));
      } else {
        hold(line);
        take();
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
  if (heldBytes > 0) take();
  if (records.length > 0) yield records;
}

function recordOf(
  offset: number,
  held: readonly Buffer[],
  heldBytes: number,
  maxRecordBytes: number,
): RawRecord | undefined {
  if (heldBytes > maxRecordBytes + 1) return { offset, bytes: undefined };
  const [first = Buffer.alloc(0), ...more] = held;
  let bytes = more.length === 0 ? first : Buffer.concat(held);
  if (bytes.at(-1) === RETURN) bytes = bytes.subarray(0, -1);
  if (offset === 0 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) bytes = bytes.subarray(3);
  if (bytes.length > maxRecordBytes) return { offset, bytes: undefined };
  return isBlank(bytes) ? undefined : { offset, bytes };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== RETURN) return false;
  return true;
}

function hasOddQuotes(line: Buffer): boolean {
  let isOdd = false;
  for (let at = line.indexOf(QUOTE); at !== -1; at = line.indexOf(QUOTE, at + 1)) isOdd = !isOdd;
  return isOdd;
}
