import { CHECKSUMS } from '../checksums.ts';
import { checkKey, describedBy } from '../object-headers.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import type { UploadPlan } from '../uploads.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

/** Begins an upload in parts. */
export async function createMultipartUpload(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  checkKey(call.key);
  const checksum = checksumOf(call.request);
  const { id } = await bucket.uploads.begin({
    key: call.key,
    ...describedBy(call.request),
    initiatedMs: Date.now(),
    ...(checksum && { checksum }),
  });
  if (checksum !== undefined) {
    call.response.setHeader('x-amz-checksum-algorithm', checksum.name.toUpperCase());
    call.response.setHeader('x-amz-checksum-type', checksum.type);
  }
  await sendXml(call, [
    'InitiateMultipartUploadResult',
    [
      ['Bucket', call.bucket],
      ['Key', call.key],
      ['UploadId', id],
    ],
  ]);
}

function checksumOf({ headers }: S3Request): UploadPlan['checksum'] {
  const name = headers.get('x-amz-checksum-algorithm')?.toLowerCase();
  if (name === undefined) return undefined;
  if (!Object.hasOwn(CHECKSUMS, name)) {
    throw new S3Error('InvalidRequest', `x-amz-checksum-algorithm cannot be '${name}'.`);
  }
  // S3's own default: it has no composite form of this one.
  const type =
    headers.get('x-amz-checksum-type') ?? (name === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isHash = name.startsWith('sha');
  if (type === 'COMPOSITE' && name !== 'crc64nvme') return { name, type };
  if (type === 'FULL_OBJECT' && !isHash) return { name, type };
  throw new S3Error('InvalidRequest', `The checksum type '${type}' does not go with ${name}.`);
}
