import { CreateBucketCommand } from '@aws-sdk/client-s3';

import { openS3Client } from '../../functions/runtime/object-store/s3-client.ts';
import type { ObjectStoreSettings } from '../../functions/runtime/object-store/s3-client.ts';

/**
 * Creates the bucket; one that exists already and is ours is left as it is.
 * @returns Whether it was created just now.
 * @throws The SDK's error, when the store refuses.
 */
export async function createBucket(
  settings: ObjectStoreSettings,
  bucket: string,
): Promise<boolean> {
  const client = openS3Client(settings, {});
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return true;
  } catch (cause) {
    if ((cause as Error).name === 'BucketAlreadyOwnedByYou') return false;
    throw cause;
  } finally {
    client.destroy();
  }
}
