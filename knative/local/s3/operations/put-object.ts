import { writeCondition } from '../conditions.ts';
import type { StoredObject } from '../object-file.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import type { Call } from './call.ts';

const MAX_KEY_BYTES = 1024;
const MAX_USER_METADATA_BYTES = 2048;
const USER_PREFIX = 'x-amz-meta-';
const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Stores an object; the answer is sent once it is durable. */
export async function putObject(call: Call): Promise<void> {
  const { request, response, key, body } = call;
  const bucket = call.storage.bucket(call.bucket);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
  const condition = writeCondition(request.headers);
  const headers = keptHeaders(request);
  const user = userMetadata(request);
  // Looked at twice: now, so that a hopeless body need not be sent, and below, where it counts.
  condition(bucket.index.get(key));

  const draft = await bucket.draft(body, (): StoredObject => ({
    key,
    sizeBytes: body.sizeBytes,
    etag: body.md5,
    lastModifiedMs: Date.now(),
    headers,
    user,
    checksums: body.checksums,
  }));
  await bucket.commit(draft, condition);

  const checksums = Object.entries(body.checksums).map(
    ([name, value]) => [`x-amz-checksum-${name}`, value] as const,
  );
  response.writeHead(200, {
    etag: `"${body.md5}"`,
    'content-length': 0,
    ...Object.fromEntries(checksums),
  });
  response.end();
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
