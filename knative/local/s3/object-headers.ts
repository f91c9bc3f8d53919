import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { ObjectDescription } from './stored-object.ts';
import { tagsInHeader } from './tags.ts';

const MAX_KEY_BYTES = 1024;
const MAX_USER_METADATA_BYTES = 2048;
const USER_PREFIX = 'x-amz-meta-';
/** Headers that an object keeps as they were given. */
export const KEPT_HEADERS: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** @throws {S3Error} `KeyTooLongError`. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
}

/**
 * What the headers of a request that writes an object say of it.
 * @throws {S3Error} `MetadataTooLarge`, `InvalidTag`.
 */
export function describedBy(request: S3Request): ObjectDescription {
  return {
    headers: keptHeaders(request),
    user: userMetadata(request),
    tags: tagsInHeader(request.headers.get('x-amz-tagging')),
  };
}

/** The headers of an answer that give checksums. */
export function checksumHeaders(
  checksums: Readonly<Record<string, string>>,
): Record<string, string> {
  return prefixed('x-amz-checksum-', checksums);
}

/** What a checksum's value says it is of: all bytes, or the checksums of the parts. */
export function checksumType(value: string): 'COMPOSITE' | 'FULL_OBJECT' {
  return /-\d+$/.test(value) ? 'COMPOSITE' : 'FULL_OBJECT';
}

/** The same values under longer names. */
export function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function keptHeaders({ headers }: S3Request): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of KEPT_HEADERS) {
    const value = headers.get(name);
    if (value !== undefined) kept[name] = value;
  }
  // `aws-chunked` is how the body travelled, not what it is.
  const encodings = (kept['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  delete kept['content-encoding'];
  return encodings.length === 0 ? kept : { ...kept, 'content-encoding': encodings.join(',') };
}

function userMetadata({ headers }: S3Request): Record<string, string> {
  const entries = [...headers]
    .filter(([name]) => name.startsWith(USER_PREFIX))
    .map(([name, value]) => [name.slice(USER_PREFIX.length), value] as const);
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_USER_METADATA_BYTES) throw new S3Error('MetadataTooLarge');
  return Object.fromEntries(entries);
}
