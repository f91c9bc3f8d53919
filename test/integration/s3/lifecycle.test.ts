import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { clientOf } from './fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const Bucket = 'aging';

it('lifecycle rules remove what is old enough, and webhooks hear of it', async () => {
  let nowMs = Date.now();
  await using receiver = await startWebhookReceiver();
  const s3 = await startLocalS3({
    webhooks: [{ name: 'HOOK', endpoint: receiver.url }],
    lifecycleEveryMs: 10,
    now: () => nowMs,
  });
  const client = clientOf(s3.settings);
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [
          { QueueArn: 'arn:minio:sqs::HOOK:webhook', Events: ['s3:ObjectRemoved:*'] },
        ],
      },
    }),
  );
  await client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'jobs',
            Status: 'Enabled',
            Filter: { Prefix: 'jobs/' },
            Expiration: { Days: 3 },
            NoncurrentVersionExpiration: { NoncurrentDays: 5 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
          },
          {
            ID: 'markers',
            Status: 'Enabled',
            Filter: {},
            Expiration: { ExpiredObjectDeleteMarker: true },
          },
        ],
      },
    }),
  );
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  for (const Key of ['jobs/old', 'models/old']) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  }
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'jobs/begun' }));
  const keys = async (): Promise<unknown> =>
    (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key);
  const uploads = async (): Promise<unknown> =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
  const versions = async (): Promise<number> => {
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'jobs/' }));
    return (listed.Versions?.length ?? 0) + (listed.DeleteMarkers?.length ?? 0);
  };
  expect(await keys()).toEqual(['jobs/old', 'models/old']);

  nowMs += 4 * DAY_MS;
  await receiver.until(({ length }) => length >= 1);
  expect(await keys()).toEqual(['models/old']);
  await expect.poll(uploads).toBe(0);
  // The object has become a version, which is younger: its marker was written just now.
  expect(await versions()).toBe(2);

  nowMs += 6 * DAY_MS;
  await receiver.until(({ length }) => length >= 3);

  expect(await versions()).toBe(0);
  expect(await keys()).toEqual(['models/old']);
  const events = receiver.received.map(({ body }) => {
    const { EventName, Key, Records } = JSON.parse(body) as {
      EventName: string;
      Key: string;
      Records: [{ source: { userAgent: string } }];
    };
    return [EventName, Key, Records[0].source.userAgent];
  });
  const common = ['aging/jobs/old', 'Internal: [ILM-Expiry]'];
  expect(events).toEqual([
    ['s3:ObjectRemoved:DeleteMarkerCreated', ...common],
    ['s3:ObjectRemoved:Delete', ...common],
    ['s3:ObjectRemoved:Delete', ...common],
  ]);
  client.destroy();
  await s3.stop();
});
