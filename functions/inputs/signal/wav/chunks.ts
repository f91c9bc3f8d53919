import { InvalidRequestError } from '../../../runtime/errors.ts';

/** The two parts of a WAV file that matter. */
export interface WavChunks {
  readonly format: Buffer;
  readonly data: Buffer;
}

/** No file has that many; a hostile one could have millions of empty ones. */
const MAX_CHUNKS = 10_000;

/**
 * The format and the samples of a WAV file; other chunks are skipped. Lengths are held against the bytes that
 * are there.
 * @throws {InvalidRequestError} When either is missing or there twice, or a length is more than there is.
 */
export function readChunks(bytes: Buffer): WavChunks {
  const kind = bytes.toString('latin1', 0, 4);
  if (kind !== 'RIFF') {
    throw new InvalidRequestError(`The WAV file is of the kind ${kind}; RIFF is read`);
  }
  const end = 8 + bytes.readUInt32LE(4);
  // Programs disagree on whether the padding of the last chunk counts.
  if (end > bytes.length + 1) throw damaged('it is shorter than it says');
  const found = new Map<string, Buffer>();
  let offset = 12;
  for (let count = 0; offset + 8 <= Math.min(end, bytes.length); count += 1) {
    if (count === MAX_CHUNKS) throw damaged(`it has more than ${MAX_CHUNKS} chunks`);
    const name = bytes.toString('latin1', offset, offset + 4);
    const size = bytes.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (start + size > bytes.length) throw damaged(`its chunk "${printable(name)}" is cut off`);
    if (name === 'fmt ' || name === 'data') {
      if (found.has(name)) throw damaged(`it has two chunks "${printable(name)}"`);
      found.set(name, bytes.subarray(start, start + size));
    }
    // Chunks begin at even places.
    offset = start + size + (size % 2);
  }
  const format = found.get('fmt ');
  const data = found.get('data');
  if (format === undefined) throw damaged('it has no chunk "fmt"');
  if (data === undefined) throw damaged('it has no chunk "data"');
  return { format, data };
}

function printable(name: string): string {
  return name.replaceAll(/[^ -~]/g, '?').trim();
}

function damaged(why: string): InvalidRequestError {
  return new InvalidRequestError(`The WAV file cannot be read: ${why}`);
}
