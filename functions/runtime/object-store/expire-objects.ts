import {
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { LifecycleRule, S3Client } from '@aws-sdk/client-s3';

import { openS3Client } from './s3-client.ts';
import type { ObjectStoreSettings } from './s3-client.ts';
import { toObjectStoreError } from './to-object-store-error.ts';

/** How long what lies below a prefix of a bucket stays. */
export interface Retention {
  /** Of the bucket's rule. */
  readonly id: string;
  readonly prefix: string;
  readonly days: number;
}

/**
 * Has a bucket forget by itself what lies below some prefixes. Rules of other ids stay as they are. For set-up:
 * functions have no right to do this.
 * @throws {ObjectStoreError} When the store refuses or cannot be reached.
 */
export async function expireObjects(
  settings: ObjectStoreSettings,
  bucket: string,
  retentions: readonly Retention[],
): Promise<void> {
  const client = openS3Client(settings, {});
  try {
    const rules = await presentRules(client, bucket);
    const others = rules.filter(({ ID }) => !retentions.some(({ id }) => id === ID));
    const ours = retentions.map(({ id, prefix, days }): LifecycleRule => ({
      ID: id,
      Status: 'Enabled',
      Filter: { Prefix: prefix },
      Expiration: { Days: days },
    }));
    const LifecycleConfiguration = { Rules: [...others, ...ours] };
    await client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }),
    );
  } catch (cause) {
    throw toObjectStoreError(cause, { action: `RULES s3://${bucket}` });
  } finally {
    client.destroy();
  }
}

async function presentRules(client: S3Client, bucket: string): Promise<readonly LifecycleRule[]> {
  try {
    const answer = await client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }),
    );
    return answer.Rules ?? [];
  } catch (cause) {
    const { name = '' } = cause instanceof S3ServiceException ? cause : {};
    if (name === 'NoSuchLifecycleConfiguration') return [];
    throw cause;
  }
}
