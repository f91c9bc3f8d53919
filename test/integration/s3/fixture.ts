import { randomUUID } from 'node:crypto';

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

import type { TestS3 } from '../../support/local-s3.ts';

/** A running S3, as the AWS SDK sees it, with an empty bucket. */
export interface S3Fixture {
  readonly settings: TestS3['settings'];
  readonly client: S3Client;
  readonly bucket: string;
  stop(): Promise<void>;
}

/** Starts a target and makes its bucket. */
export async function startS3Fixture(start: () => Promise<TestS3>): Promise<S3Fixture> {
  const { settings, stop } = await start();
  const client = clientOf(settings);
  const bucket = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    settings,
    client,
    bucket,
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

/** The SDK's own client, with nothing of ours in it. */
export function clientOf(settings: TestS3['settings']): S3Client {
  return new S3Client({
    endpoint: settings.S3_ENDPOINT,
    region: settings.AWS_REGION,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: {
      accessKeyId: settings.AWS_ACCESS_KEY_ID,
      secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
    },
  });
}
