import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';

import type { TestS3 } from './local-s3.ts';
import { clientOf } from './s3-client.ts';

/** Keys of what is being written in parts right now; MinIO lists those of one whole key only. */
export async function unfinishedUploads(
  settings: TestS3['settings'],
  bucket: string,
  key: string,
): Promise<string[]> {
  const client = clientOf({ settings });
  const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key });
  const { Uploads = [] } = await client.send(command);
  client.destroy();
  return Uploads.map(({ Key = '' }) => Key);
}
