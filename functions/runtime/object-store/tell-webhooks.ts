import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { Event, QueueConfiguration } from '@aws-sdk/client-s3';

import { openS3Client } from './s3-client.ts';
import type { ObjectStoreSettings } from './s3-client.ts';
import { toObjectStoreError } from './to-object-store-error.ts';

/** A webhook of the store that is to hear of the objects of a bucket. */
export interface BucketNotice {
  /** Of the bucket's rule. */
  readonly id: string;
  /** `arn:minio:sqs::NAME:webhook`; the store knows `NAME` from its own settings. */
  readonly arn: string;
  /** How keys begin, decoded. */
  readonly prefix: string;
}

/** Not `s3:ObjectCreated:*`: tags and retention are that too. */
const CREATED: readonly Event[] = [
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
];

/**
 * Has a bucket tell webhooks of new objects. Rules of other ids stay as they are. For set-up: functions have no right
 * to do this.
 * @throws {ObjectStoreError} When the store refuses, knows no such webhook, or cannot be reached.
 */
export async function tellWebhooks(
  settings: ObjectStoreSettings,
  bucket: string,
  notices: readonly BucketNotice[],
): Promise<void> {
  const client = openS3Client(settings, {});
  try {
    const present = await client.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
    );
    const others = (present.QueueConfigurations ?? []).filter(
      ({ Id }) => !notices.some(({ id }) => id === Id),
    );
    const ours = notices.map(({ id, arn, prefix }): QueueConfiguration => ({
      Id: id,
      QueueArn: arn,
      Events: [...CREATED],
      Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } },
    }));
    const NotificationConfiguration = { QueueConfigurations: [...others, ...ours] };
    await client.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }),
    );
  } catch (cause) {
    throw toObjectStoreError(cause, { action: `NOTIFY s3://${bucket}` });
  } finally {
    client.destroy();
  }
}
