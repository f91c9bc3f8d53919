import type { S3Client } from '@aws-sdk/client-s3';

import { openS3Client } from '../../functions/runtime/object-store/s3-client.ts';
import type { TestS3 } from './local-s3.ts';

/** The SDK's client, for what the object store of the product does not do. To be destroyed. */
export function clientOf({ settings }: Pick<TestS3, 'settings'>): S3Client {
  return openS3Client({ ...settings, AWS_SESSION_TOKEN: undefined }, {});
}
