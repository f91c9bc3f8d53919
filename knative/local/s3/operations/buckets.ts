import { S3Error } from '../s3-error.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { OWNER } from './listed-object.ts';

const MAX_CONFIGURATION_BYTES = 64 * 1024;

/** Every bucket, by name. */
export async function listBuckets(call: Call): Promise<void> {
  const buckets = call.storage.list().map(
    ({ name, createdMs }) =>
      [
        'Bucket',
        [
          ['Name', name],
          ['CreationDate', new Date(createdMs).toISOString()],
        ],
      ] as const,
  );
  await sendXml(call, ['ListAllMyBucketsResult', [OWNER, ['Buckets', buckets]]]);
}

/** Creates a bucket. Whatever region the request names, as a MinIO that was given none. */
export async function createBucket(call: Call): Promise<void> {
  const document = (await call.body.bytes(MAX_CONFIGURATION_BYTES)).toString();
  if (document !== '' && parseXml(document).name !== 'CreateBucketConfiguration') {
    throw new S3Error('MalformedXML', 'Expecting CreateBucketConfiguration.');
  }
  await call.storage.createBucket(call.bucket);
  call.response.writeHead(200, { location: `/${call.bucket}`, 'content-length': 0 });
  call.response.end();
}

/** Whether the bucket exists. */
export async function headBucket(call: Call): Promise<void> {
  call.storage.bucket(call.bucket);
  call.response.writeHead(200, { 'x-amz-bucket-region': call.region, 'content-length': 0 });
  call.response.end();
}

/** The region of the bucket; `us-east-1` is written as nothing, as on S3. */
export async function getBucketLocation(call: Call): Promise<void> {
  call.storage.bucket(call.bucket);
  await sendXml(call, ['LocationConstraint', call.region === 'us-east-1' ? '' : call.region]);
}
