import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';

import type { TestS3 } from './local-s3.ts';

/** Keys of what is being written in parts right now; MinIO lists those of one whole key only. */
export async function unfinishedUploads(
  settings: TestS3['settings'],
  bucket: string,
  key: string,
): Promise<string[]> {
  const client = new S3Client({
    endpoint: settings.S3_ENDPOINT,
    region: settings.AWS_REGION,
    forcePathStyle: true,
    credentials: {
      accessKeyId: settings.AWS_ACCESS_KEY_ID,
      secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
    },
  });
  const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key });
  const { Uploads = [] } = await client.send(command);
  client.destroy();
  return Uploads.map(({ Key = '' }) => Key);
}
