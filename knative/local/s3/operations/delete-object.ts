import { notImplemented } from '../s3-error.ts';
import type { Call } from './call.ts';
import { removalEvent } from './removal-event.ts';
import { setVersionHeaders, versionIdOf } from './version.ts';

/**
 * Deletes one object, or one version of it for good; what does not exist is no error. In a bucket that
 * keeps versions the object only gets a delete marker.
 */
export async function deleteObject(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  // MinIO takes it and deletes all the same: what needs it here would go wrong there.
  if (call.request.headers.has('if-match')) throw notImplemented('DeleteObject with If-Match');
  const versionId = versionIdOf(call.request);
  const removal =
    versionId === undefined
      ? await bucket.remove(call.key)
      : await bucket.removeVersion(call.key, versionId);
  const target = { key: call.key, versionId };
  await call.publish(removalEvent(target, removal));
  if (removal.object !== undefined) setVersionHeaders(call, bucket, removal.object);
  call.response.writeHead(204);
  call.response.end();
}
