import { createHash } from 'node:crypto';

import { CHECKSUMS } from '../checksums.ts';
import { writeCondition } from '../conditions.ts';
import { Digests } from '../digests.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import type { StoredPart, Upload } from '../uploads.ts';
import { parseXml } from '../xml.ts';
import type { XmlElement, XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { uploadIdOf } from './upload-part.ts';
import { setVersionHeaders } from './version.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Makes an object of the parts that the request lists; its conditions are those of a put. */
export async function completeMultipartUpload(call: Call): Promise<void> {
  const { request, key } = call;
  const bucket = call.storage.bucket(call.bucket);
  const upload = bucket.uploads.find(key, uploadIdOf(request));
  const condition = writeCondition(request.headers);
  const document = (await call.body.bytes(MAX_DOCUMENT_BYTES)).toString();
  const parts = listedParts(parseXml(document), upload);
  condition(bucket.index.visible.get(key));

  const { checksum, headers, user, tags } = upload.plan;
  const isFull = checksum?.type === 'FULL_OBJECT';
  const digests = new Digests(isFull ? [checksum.name] : []);
  const draft = await bucket.drafts.write(digests.of(bucket.uploads.bytes(upload, parts)));
  const { sizeBytes, checksums: full } = digests.finish();
  const checksums = isFull ? full : compositeChecksum(upload, parts);
  try {
    checkAnnounced(request, checksums);
  } catch (error) {
    await draft.discard();
    throw error;
  }
  const partSizes = parts.map((part) => part.sizeBytes);
  const partChecksums = parts.map((part) => part.checksums);
  const made = { sizeBytes, etag: etagOf(parts), checksums, partSizes, partChecksums };
  const stored = await bucket.commit(draft, { key, headers, user, tags, ...made }, condition);
  setVersionHeaders(call, bucket, stored);

  const { host = '' } = request.incoming.headers;
  const result: XmlNode = [
    'CompleteMultipartUploadResult',
    [
      ['Location', `http://${host}/${call.bucket}/${encodeURI(key)}`],
      ['Bucket', call.bucket],
      ['Key', key],
      ['ETag', `"${made.etag}"`],
      ...Object.entries(checksums).map(([name, value]): XmlNode => [
        `Checksum${name.toUpperCase()}`,
        value,
      ]),
      ...(checksum === undefined ? [] : [['ChecksumType', checksum.type] as const]),
    ],
  ];
  const event = { name: 's3:ObjectCreated:CompleteMultipartUpload', object: stored } as const;
  await Promise.all([sendXml(call, result, [event]), bucket.uploads.remove(upload.id)]);
}

function listedParts(root: XmlElement, upload: Upload): StoredPart[] {
  const listed = root.children.filter(({ name }) => name === 'Part');
  if (root.name !== 'CompleteMultipartUpload' || listed.length === 0) {
    throw new S3Error('MalformedXML', 'Expecting CompleteMultipartUpload with Part elements.');
  }
  const parts = listed.map((element) => matchingPart(element, upload));
  const isAscending = parts.every(({ number }, index) => number > (parts[index - 1]?.number ?? 0));
  if (!isAscending) throw new S3Error('InvalidPartOrder');
  const isTooSmall = parts.slice(0, -1).some(({ sizeBytes }) => sizeBytes < MIN_PART_BYTES);
  if (isTooSmall) throw new S3Error('EntityTooSmall');
  return parts;
}

/** The part that an element of the request names, if all that the element says of it is true. */
function matchingPart({ children }: XmlElement, upload: Upload): StoredPart {
  const fields = new Map(children.map(({ name, text }) => [name, text.trim()]));
  const part = upload.parts.get(Number(fields.get('PartNumber')));
  const etag = fields.get('ETag')?.replace(/^"(.*)"$/, '$1');
  if (part === undefined || part.etag !== etag) throw new S3Error('InvalidPart');
  for (const [name, value] of Object.entries(part.checksums)) {
    const listed = fields.get(`Checksum${name.toUpperCase()}`);
    if (listed !== undefined && listed !== value) throw new S3Error('InvalidPart');
  }
  return part;
}

function etagOf(parts: readonly StoredPart[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
}

/** The checksum of the parts' checksums; none when a part came without. */
function compositeChecksum({ plan }: Upload, parts: readonly StoredPart[]): Record<string, string> {
  if (plan.checksum === undefined) return {};
  const { name } = plan.checksum;
  const sum = CHECKSUMS[name]?.();
  const values = parts.flatMap(({ checksums }) => checksums[name] ?? []);
  if (sum === undefined || values.length < parts.length) return {};
  for (const value of values) sum.update(Buffer.from(value, 'base64'));
  return { [name]: `${sum.digest().toString('base64')}-${parts.length}` };
}

/** Holds the checksum of the whole that the client may give against ours. */
function checkAnnounced({ headers }: S3Request, checksums: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(checksums)) {
    const announced = headers.get(`x-amz-checksum-${name}`);
    if (announced === undefined) continue;
    const isSame = announced === value || announced === value.replace(/-\d+$/, '');
    if (!isSame) throw new S3Error('BadDigest');
  }
}
