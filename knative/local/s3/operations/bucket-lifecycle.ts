import { lifecycleDocument, parseLifecycle } from '../lifecycle/rules.ts';
import { S3Error } from '../s3-error.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** When which objects go. @throws {S3Error} `NoSuchLifecycleConfiguration` when none were said to. */
export async function getBucketLifecycle(call: Call): Promise<void> {
  const { lifecycle } = call.storage.bucket(call.bucket).settings;
  if (lifecycle.length === 0) throw new S3Error('NoSuchLifecycleConfiguration');
  await sendXml(call, lifecycleDocument(lifecycle));
}

/** Replaces all rules. */
export async function putBucketLifecycle(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  await bucket.configure({ lifecycle: parseLifecycle(root) });
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}

/** Removes all rules. */
export async function deleteBucketLifecycle(call: Call): Promise<void> {
  await call.storage.bucket(call.bucket).configure({ lifecycle: [] });
  call.response.writeHead(204);
  call.response.end();
}
