import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** What is kept of an object beside its bytes. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** MD5 of the bytes, hexadecimal. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  /** `content-type` and the other headers that S3 gives back as they came. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata: names without `x-amz-meta-`. */
  readonly user: Readonly<Record<string, string>>;
  /** Checksum name to base64 value. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Ends every object file; the digit is the version of this format. */
const MAGIC = Buffer.from('PLS3OBJ1');
const TAIL_BYTES = 4 + MAGIC.length;

/**
 * Completes an object file whose bytes have been written: `bytes, footer (JSON), length of the footer
 * (4 bytes, big endian), magic`. One file holds both, so that bytes and metadata can never disagree.
 * The file is on disk when this resolves.
 */
export async function writeFooter(file: FileHandle, object: StoredObject): Promise<void> {
  const footer = Buffer.from(JSON.stringify(object));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(footer.length);
  await file.write(Buffer.concat([footer, length, MAGIC]));
  await file.datasync();
}

/** What the file at `path` says of its object; undefined when the file is not whole. */
export async function readFooter(path: string): Promise<StoredObject | undefined> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size < TAIL_BYTES) return undefined;
  const tail = Buffer.alloc(TAIL_BYTES);
  await file.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  const footerBytes = tail.readUInt32BE();
  const dataBytes = size - TAIL_BYTES - footerBytes;
  if (!tail.subarray(4).equals(MAGIC) || dataBytes < 0) return undefined;
  const footer = Buffer.alloc(footerBytes);
  await file.read(footer, 0, footerBytes, dataBytes);
  try {
    // Written by `writeFooter` of this format's version; the size is the check that it was.
    const object = JSON.parse(footer.toString()) as StoredObject;
    return object.sizeBytes === dataBytes ? object : undefined;
  } catch {
    return undefined;
  }
}
