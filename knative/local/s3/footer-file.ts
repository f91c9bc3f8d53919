import { createReadStream, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

import type { ByteRange } from './byte-range.ts';

/** What every footer says at least. */
export interface Footer {
  /** Length of the bytes before the footer. */
  readonly sizeBytes: number;
}

/** Ends every such file; the digit is the version of this format. */
const MAGIC = Buffer.from('PLS3OBJ1');
const READ_BYTES = 256 * 1024;
const TAIL_BYTES = 4 + MAGIC.length;

/**
 * Completes a file whose bytes have been written: `bytes, footer (JSON), length of the footer
 * (4 bytes, big endian), magic`. One file holds both, so that bytes and metadata can never disagree.
 * The file is on disk when this resolves.
 */
export async function writeFooter(file: FileHandle, footer: Footer): Promise<void> {
  const json = Buffer.from(JSON.stringify(footer));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  await writeAll(file, Buffer.concat([json, length, MAGIC]));
  await file.datasync();
}

/** The footer of the file at `path`, as it was written; undefined when the file is not whole. */
export async function readFooter(path: string): Promise<Footer | undefined> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size < TAIL_BYTES) return undefined;
  const tail = Buffer.alloc(TAIL_BYTES);
  await file.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  const footerBytes = tail.readUInt32BE();
  const dataBytes = size - TAIL_BYTES - footerBytes;
  if (!tail.subarray(4).equals(MAGIC) || dataBytes < 0) return undefined;
  const json = Buffer.alloc(footerBytes);
  await file.read(json, 0, footerBytes, dataBytes);
  try {
    // Written by `writeFooter` of this format's version; the size is the check that it was.
    const footer = JSON.parse(json.toString()) as Footer;
    return footer.sizeBytes === dataBytes ? footer : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes before the footer. The file is opened in this very turn; it may be replaced or removed at once. */
export function readSlice(path: string, { start, end }: ByteRange): Readable {
  if (end < start) return Readable.from([]);
  return createReadStream('', { fd: openSync(path, 'r'), start, end, highWaterMark: READ_BYTES });
}

/** Writes a whole chunk at the end of what was written before. */
export async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, offset);
    offset += bytesWritten;
  }
}
