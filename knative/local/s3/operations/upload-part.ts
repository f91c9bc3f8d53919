import { checksumHeaders } from '../object-headers.ts';
import { S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import type { Call } from './call.ts';

const MAX_PART_NUMBER = 10_000;

/** Stores one part of an upload; the answer is sent once it is durable. */
export async function uploadPart(call: Call): Promise<void> {
  const { request, response, body } = call;
  const bucket = call.storage.bucket(call.bucket);
  const number = partNumberOf(request);
  const { id } = bucket.uploads.find(call.key, uploadIdOf(request));
  const draft = await bucket.drafts.write(body);
  const { sizeBytes, md5: etag, checksums } = body;
  const part = { number, sizeBytes, etag, checksums, lastModifiedMs: Date.now() };
  await bucket.uploads.putPart(id, draft, part);
  response.writeHead(200, {
    etag: `"${etag}"`,
    'content-length': 0,
    ...checksumHeaders(checksums),
  });
  response.end();
}

/** The upload a request is about. */
export function uploadIdOf(request: S3Request): string {
  return parameter(request, 'uploadId') ?? '';
}

/** @throws {S3Error} `InvalidArgument` unless 1 to 10,000. */
export function partNumberOf(request: S3Request): number {
  const text = parameter(request, 'partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PART_NUMBER) {
    throw new S3Error('InvalidArgument', `partNumber must be 1 to ${MAX_PART_NUMBER}.`);
  }
  return number;
}
