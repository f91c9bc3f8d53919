import { openS3Client } from './s3-client.ts';
import type { ObjectStoreSettings } from './s3-client.ts';
import { sdk } from './sdk.ts';
import { toObjectStoreError } from './to-object-store-error.ts';

/**
 * Makes sure that `bucket` exists and is ours. For set-up and tests: functions have no right to do this.
 * @returns Whether it was created just now.
 * @throws {ObjectStoreError} When the store refuses or cannot be reached.
 */
export async function createBucket(
  settings: ObjectStoreSettings,
  bucket: string,
): Promise<boolean> {
  const client = openS3Client(settings, {});
  try {
    await client.send(new sdk.CreateBucketCommand({ Bucket: bucket }));
    return true;
  } catch (cause) {
    if (cause instanceof sdk.BucketAlreadyOwnedByYou) return false;
    throw toObjectStoreError(cause, { action: `CREATE s3://${bucket}` });
  } finally {
    client.destroy();
  }
}
