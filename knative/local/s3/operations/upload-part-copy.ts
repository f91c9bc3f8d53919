import { copySource } from '../copy-source.ts';
import { Digests } from '../digests.ts';
import { S3Error } from '../s3-error.ts';
import type { ByteRange } from '../byte-range.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { partNumberOf, uploadIdOf } from './upload-part.ts';

/** Makes a part of an upload from an object, or one range of it. */
export async function uploadPartCopy(call: Call): Promise<void> {
  const { request, storage } = call;
  const bucket = storage.bucket(call.bucket);
  const number = partNumberOf(request);
  const { id, plan } = bucket.uploads.find(call.key, uploadIdOf(request));
  const source = copySource(request, storage);
  const range = copyRange(request.headers.get('x-amz-copy-source-range'), source.object.sizeBytes);

  const digests = new Digests(plan.checksum === undefined ? [] : [plan.checksum.name]);
  const bytes = source.bucket.readBytes(source.object, range);
  const draft = await bucket.drafts.write(digests.of(bytes));
  const part = { number, ...digests.finish(), lastModifiedMs: Date.now() };
  await bucket.uploads.putPart(id, draft, part);
  await sendXml(call, [
    'CopyPartResult',
    [
      ['LastModified', new Date(part.lastModifiedMs).toISOString()],
      ['ETag', `"${part.etag}"`],
    ],
  ]);
}

/** Unlike that of a read, this range must lie within the object. */
function copyRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || end < start || end >= sizeBytes) {
    throw new S3Error('InvalidArgument', 'x-amz-copy-source-range is not within the object.');
  }
  return { start, end };
}
