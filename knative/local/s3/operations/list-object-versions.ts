import { afterMarker, listVersionsPage } from '../listing.ts';
import { S3Error } from '../s3-error.ts';
import { encoderOf, pageSize, parameter } from '../s3-request.ts';
import type { StoredObject } from '../stored-object.ts';
import { optional } from '../xml.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { commonPrefix, OWNER } from './listed-object.ts';

/** One page of all versions and delete markers of a bucket, by key and then newest first. */
export async function listObjectVersions(call: Call): Promise<void> {
  const { request } = call;
  const { index } = call.storage.bucket(call.bucket);
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const keyMarker = parameter(request, 'key-marker') ?? '';
  const idMarker = parameter(request, 'version-id-marker') ?? '';
  const maxKeys = pageSize(request, 'max-keys');
  const encode = encoderOf(request);
  if (idMarker !== '' && keyMarker === '') {
    throw new S3Error('InvalidArgument', 'A version-id-marker needs a key-marker.');
  }

  const page = listVersionsPage(index.versions, {
    prefix,
    delimiter,
    after: { ...afterMarker(keyMarker, { prefix, delimiter }), versionId: idMarker },
    maxKeys,
  });
  await sendXml(call, [
    'ListVersionsResult',
    [
      ['Name', call.bucket],
      ['Prefix', encode(prefix)],
      ['KeyMarker', encode(keyMarker)],
      ['VersionIdMarker', idMarker],
      ...optional('NextKeyMarker', page.next && encode(page.next.key)),
      ...optional('NextVersionIdMarker', page.next?.versionId),
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      ...optional('EncodingType', parameter(request, 'encoding-type')),
      ['MaxKeys', maxKeys],
      ['IsTruncated', String(page.next !== undefined)],
      ...page.versions.map((version) => {
        return listedVersion(version, encode, index.latest(version.key) === version);
      }),
      ...page.prefixes.map((one) => commonPrefix(one, encode)),
    ],
  ]);
}

function listedVersion(
  object: StoredObject,
  encode: (text: string) => string,
  isLatest: boolean,
): XmlNode {
  const common: XmlNode[] = [
    ['Key', encode(object.key)],
    ['VersionId', object.versionId],
    ['IsLatest', String(isLatest)],
    ['LastModified', new Date(object.lastModifiedMs).toISOString()],
    OWNER,
  ];
  if (object.isDeleteMarker) return ['DeleteMarker', common];
  return [
    'Version',
    [
      ...common,
      ['ETag', `"${object.etag}"`],
      ['Size', object.sizeBytes],
      ['StorageClass', 'STANDARD'],
    ],
  ];
}
