import { closeSync, createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { parseRange } from '../byte-range.ts';
import type { ByteRange } from '../byte-range.ts';
import { checkReadConditions } from '../conditions.ts';
import type { StoredObject } from '../object-file.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

const READ_BYTES = 256 * 1024;

/** The bytes of an object, or one range of them. */
export async function getObject(call: Call): Promise<void> {
  const opened = call.storage.bucket(call.bucket).openObject(call.key);
  if (opened === undefined) throw new S3Error('NoSuchKey');
  const { object, fd } = opened;
  let range: ByteRange | undefined;
  try {
    range = sendHead(call, object);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const { start, end } = range ?? { start: 0, end: object.sizeBytes - 1 };
  if (end < start) {
    closeSync(fd);
    call.response.end();
    return;
  }
  await pipeline(
    createReadStream('', { fd, start, end, highWaterMark: READ_BYTES }),
    call.response,
  );
}

/** What a GET would answer, without the bytes. */
export async function headObject(call: Call): Promise<void> {
  const object = call.storage.bucket(call.bucket).index.get(call.key);
  if (object === undefined) throw new S3Error('NoSuchKey');
  sendHead(call, object);
  call.response.end();
}

/** Writes status and headers. @throws {S3Error} When a condition or the range does not hold. */
function sendHead({ request, response }: Call, object: StoredObject): ByteRange | undefined {
  checkReadConditions(request.headers, object);
  const range = parseRange(request.headers.get('range'), object.sizeBytes);
  const common = {
    ...object.headers,
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModifiedMs).toUTCString(),
    ...prefixed('x-amz-meta-', object.user),
  };
  if (range !== undefined) {
    response.writeHead(206, {
      ...common,
      'content-range': `bytes ${range.start}-${range.end}/${object.sizeBytes}`,
      'content-length': range.end - range.start + 1,
    });
    return range;
  }
  // A checksum is that of the whole object, so it would be wrong beside a range.
  const wanted = request.headers.get('x-amz-checksum-mode') === 'ENABLED';
  const checksums = wanted ? prefixed('x-amz-checksum-', object.checksums) : {};
  const type = Object.keys(checksums).length > 0 ? { 'x-amz-checksum-type': 'FULL_OBJECT' } : {};
  response.writeHead(200, {
    ...common,
    ...checksums,
    ...type,
    'content-length': object.sizeBytes,
  });
  return undefined;
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
