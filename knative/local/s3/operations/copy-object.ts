import { writeCondition } from '../conditions.ts';
import { copySource } from '../copy-source.ts';
import type { CopySource } from '../copy-source.ts';
import { Digests } from '../digests.ts';
import { checkKey, describedBy } from '../object-headers.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import type { ObjectDescription } from '../stored-object.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { setVersionHeaders } from './version.ts';

/**
 * Stores an object again under another key or with other metadata. Conditions on the target hold as
 * those of a put do, as on S3; MinIO ignores them.
 */
export async function copyObject(call: Call): Promise<void> {
  const { request, storage, key } = call;
  const bucket = storage.bucket(call.bucket);
  checkKey(key);
  const condition = writeCondition(request.headers);
  condition(bucket.index.visible.get(key));
  const source = copySource(request, storage);
  const { object } = source;
  const description = describedCopy(request, source);
  const isSame = source.bucket === bucket && object.key === key;
  if (isSame && !source.isPinned && directive(request, 'metadata') === 'COPY') {
    throw new S3Error('InvalidRequest', 'A copy to itself must change something.');
  }

  const wanted = request.headers.get('x-amz-checksum-algorithm')?.toLowerCase();
  const digests = new Digests(wanted === undefined ? Object.keys(object.checksums) : [wanted]);
  const draft = await bucket.drafts.write(digests.of(source.bucket.readBytes(object)));
  const copy = await bucket.commit(draft, { key, ...description, ...digests.finish() }, condition);

  setVersionHeaders(call, bucket, copy);
  if (source.isPinned) call.response.setHeader('x-amz-copy-source-version-id', object.versionId);
  const result: XmlNode = [
    'CopyObjectResult',
    [
      ['LastModified', new Date(copy.lastModifiedMs).toISOString()],
      ['ETag', `"${copy.etag}"`],
      ...Object.entries(copy.checksums).map(([name, value]): XmlNode => [
        `Checksum${name.toUpperCase()}`,
        value,
      ]),
    ],
  ];
  await sendXml(call, result, [{ name: 's3:ObjectCreated:Copy', object: copy }]);
}

/** Metadata is that of the source, or all of it from the request. */
function describedCopy(request: S3Request, { object }: CopySource): ObjectDescription {
  const given = describedBy(request);
  const { headers, user } = directive(request, 'metadata') === 'COPY' ? object : given;
  const { tags } = directive(request, 'tagging') === 'COPY' ? object : given;
  return { headers, user, tags };
}

function directive({ headers }: S3Request, what: 'metadata' | 'tagging'): 'COPY' | 'REPLACE' {
  const name = `x-amz-${what}-directive`;
  const value = headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', `${name} must be COPY or REPLACE.`);
}
