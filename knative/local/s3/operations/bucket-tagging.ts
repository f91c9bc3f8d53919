import { S3Error } from '../s3-error.ts';
import { bucketTagsInDocument, tagsDocument } from '../tags.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;

/** The tags of the bucket. @throws {S3Error} `NoSuchTagSet` when none were ever put. */
export async function getBucketTagging(call: Call): Promise<void> {
  const { tags } = call.storage.bucket(call.bucket).settings;
  if (tags === undefined) throw new S3Error('NoSuchTagSet');
  await sendXml(call, tagsDocument(tags));
}

/** Replaces all tags. */
export async function putBucketTagging(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  await bucket.configure({ tags: bucketTagsInDocument(root) });
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}

/** Removes all tags. */
export async function deleteBucketTagging(call: Call): Promise<void> {
  await call.storage.bucket(call.bucket).configure({ tags: undefined });
  call.response.writeHead(204);
  call.response.end();
}
