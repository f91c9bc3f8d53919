import { pipeline } from 'node:stream/promises';

import { parseRange } from '../byte-range.ts';
import type { ByteRange } from '../byte-range.ts';
import { checkReadConditions } from '../conditions.ts';
import { checksumHeaders, KEPT_HEADERS, prefixed } from '../object-headers.ts';
import type { S3Request } from '../s3-request.ts';
import type { StoredObject } from '../stored-object.ts';
import type { Call } from './call.ts';
import { requestedObject } from './version.ts';

/** The bytes of an object, or one range of them. */
export async function getObject(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const object = requestedObject(call, bucket);
  const range = requestedRange(call, object);
  const bytes = bucket.readBytes(object, range);
  const name = 's3:ObjectAccessed:Get';
  await call.publish({ name, object, contentLength: sizeOf(object, range) });
  sendHead(call, object, range);
  await pipeline(bytes, call.response);
}

/** What a GET would answer, without the bytes. */
export async function headObject(call: Call): Promise<void> {
  const object = requestedObject(call, call.storage.bucket(call.bucket));
  const range = requestedRange(call, object);
  const name = 's3:ObjectAccessed:Head';
  await call.publish({ name, object, contentLength: sizeOf(object, range) });
  sendHead(call, object, range);
  call.response.end();
}

/** @throws {S3Error} When a condition or the range does not hold. */
function requestedRange({ request }: Call, object: StoredObject): ByteRange | undefined {
  checkReadConditions(request.headers, object);
  return parseRange(request.headers.get('range'), object.sizeBytes);
}

function sizeOf({ sizeBytes }: StoredObject, range: ByteRange | undefined): number {
  return range === undefined ? sizeBytes : range.end - range.start + 1;
}

function sendHead(
  { request, response }: Call,
  object: StoredObject,
  range: ByteRange | undefined,
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
  if (range !== undefined) {
    response.writeHead(206, {
      ...common,
      'content-range': `bytes ${range.start}-${range.end}/${object.sizeBytes}`,
      'content-length': sizeOf(object, range),
    });
    return;
  }
  // A checksum is that of the whole object, so it would be wrong beside a range.
  const wanted = request.headers.get('x-amz-checksum-mode') === 'ENABLED';
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
  const type = /-\d+$/.test(value) ? 'COMPOSITE' : 'FULL_OBJECT';
  return { ...checksumHeaders(checksums), 'x-amz-checksum-type': type };
}
