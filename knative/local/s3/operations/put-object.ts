import { writeCondition } from '../conditions.ts';
import { checkKey, checksumHeaders, describedBy } from '../object-headers.ts';
import type { Call } from './call.ts';
import { setVersionHeaders } from './version.ts';

/** Stores an object; the answer is sent once it is durable. */
export async function putObject(call: Call): Promise<void> {
  const { request, response, key, body } = call;
  const bucket = call.storage.bucket(call.bucket);
  checkKey(key);
  const condition = writeCondition(request.headers);
  const description = describedBy(request);
  // Looked at twice: now, so that a hopeless body need not be sent, and below, where it counts.
  condition(bucket.index.visible.get(key));

  const draft = await bucket.drafts.write(body);
  const { sizeBytes, md5: etag, checksums } = body;
  const stored = await bucket.commit(
    draft,
    { key, ...description, sizeBytes, etag, checksums },
    condition,
  );
  await call.publish({ name: 's3:ObjectCreated:Put', object: stored });
  setVersionHeaders(call, bucket, stored);
  response.writeHead(200, {
    etag: `"${etag}"`,
    'content-length': 0,
    ...checksumHeaders(checksums),
    ...(Object.keys(checksums).length > 0 ? { 'x-amz-checksum-type': 'FULL_OBJECT' } : {}),
  });
  response.end();
}
