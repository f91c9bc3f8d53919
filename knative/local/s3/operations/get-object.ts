import { pipeline } from 'node:stream/promises';

import { parseRange } from '../byte-range.ts';
import type { ByteRange } from '../byte-range.ts';
import { checkReadConditions } from '../conditions.ts';
import { checksumHeaders, checksumType, KEPT_HEADERS, prefixed } from '../object-headers.ts';
import { partsOf } from '../object-parts.ts';
import type { ObjectPart } from '../object-parts.ts';
import { S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import type { StoredObject } from '../stored-object.ts';
import type { Call } from './call.ts';
import { partNumberOf } from './upload-part.ts';
import { requestedObject } from './version.ts';

/** The bytes of an object, or one range of them. */
export async function getObject(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const object = requestedObject(call, bucket);
  const slice = requestedSlice(call, object);
  const bytes = bucket.readBytes(object, slice?.range);
  const name = 's3:ObjectAccessed:Get';
  await call.publish({ name, object, contentLength: sizeOf(object, slice) });
  sendHead(call, object, slice);
  await pipeline(bytes, call.response);
}

/** What a GET would answer, without the bytes. */
export async function headObject(call: Call): Promise<void> {
  const object = requestedObject(call, call.storage.bucket(call.bucket));
  const slice = requestedSlice(call, object);
  const name = 's3:ObjectAccessed:Head';
  await call.publish({ name, object, contentLength: sizeOf(object, slice) });
  sendHead(call, object, slice);
  call.response.end();
}

/** Some of an object's bytes; of a part that was asked for by number, with what is known of it. */
interface Slice {
  readonly range: ByteRange;
  readonly part?: ObjectPart;
}

/** @throws {S3Error} When a condition does not hold, or no byte is in the range, or there is no such part. */
function requestedSlice({ request }: Call, object: StoredObject): Slice | undefined {
  checkReadConditions(request.headers, object);
  const header = request.headers.get('range');
  if (parameter(request, 'partNumber') === undefined) {
    const range = parseRange(header, object.sizeBytes);
    return range && { range };
  }
  if (header !== undefined) throw new S3Error('InvalidRequest', 'A part has no Range of its own.');
  const number = partNumberOf(request);
  const part = partsOf(object).find((one) => one.number === number);
  if (part === undefined) throw new S3Error('InvalidPartNumber');
  return { range: part.range, part };
}

function sizeOf({ sizeBytes }: StoredObject, slice: Slice | undefined): number {
  return slice === undefined ? sizeBytes : slice.range.end - slice.range.start + 1;
}

function sendHead(
  { request, response }: Call,
  object: StoredObject,
  slice: Slice | undefined,
): void {
  const tagCount = Object.keys(object.tags).length;
  const common = {
    ...object.headers,
    ...overriddenHeaders(request),
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModifiedMs).toUTCString(),
    ...prefixed('x-amz-meta-', object.user),
    ...(tagCount > 0 ? { 'x-amz-tagging-count': tagCount } : {}),
  };
  const wanted = request.headers.get('x-amz-checksum-mode') === 'ENABLED';
  if (slice !== undefined) {
    const { range, part } = slice;
    response.writeHead(206, {
      ...common,
      ...(part !== undefined && object.partSizes !== undefined
        ? { 'x-amz-mp-parts-count': object.partSizes.length }
        : {}),
      // Of the part; that of the whole object would be wrong beside a range.
      ...(wanted && part !== undefined ? checksumHeaders(part.checksums) : {}),
      // No range names the nothing that is in an empty object.
      ...(range.end < range.start
        ? {}
        : { 'content-range': `bytes ${range.start}-${range.end}/${object.sizeBytes}` }),
      'content-length': sizeOf(object, slice),
    });
    return;
  }
  response.writeHead(200, {
    ...common,
    ...(wanted ? checksumsOf(object) : {}),
    'content-length': object.sizeBytes,
  });
}

const OVERRIDES = 'response-';
/** Headers that the URL asks for in place of the object's own. */
function overriddenHeaders({ query }: S3Request): Record<string, string> {
  const wanted = query
    .filter(([name]) => name.startsWith(OVERRIDES))
    .map(([name, value]) => [name.slice(OVERRIDES.length), value] as const);
  return Object.fromEntries(wanted.filter(([name]) => KEPT_HEADERS.includes(name)));
}

function checksumsOf({ checksums }: StoredObject): Record<string, string> {
  const [value] = Object.values(checksums);
  if (value === undefined) return {};
  return { ...checksumHeaders(checksums), 'x-amz-checksum-type': checksumType(value) };
}
