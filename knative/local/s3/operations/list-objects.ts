import { afterMarker, listPage } from '../listing.ts';
import { encoderOf, pageSize, parameter } from '../s3-request.ts';
import { optional } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { commonPrefix, listedObject } from './listed-object.ts';

/** One page of a bucket's objects, the old way (ListObjects): pages go on from a key. */
export async function listObjects(call: Call): Promise<void> {
  const { request } = call;
  const bucket = call.storage.bucket(call.bucket);
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const marker = parameter(request, 'marker') ?? '';
  const maxKeys = pageSize(request, 'max-keys');
  const encode = encoderOf(request);

  const { objects, prefixes, next } = listPage(bucket.index.visible, {
    prefix,
    delimiter,
    after: afterMarker(marker, { prefix, delimiter }),
    maxKeys,
  });
  await sendXml(call, [
    'ListBucketResult',
    [
      ['Name', call.bucket],
      ['Prefix', encode(prefix)],
      ['Marker', encode(marker)],
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      ...optional('EncodingType', parameter(request, 'encoding-type')),
      ['MaxKeys', maxKeys],
      ['IsTruncated', String(next !== undefined)],
      ...optional('NextMarker', next && encode(next.key)),
      ...objects.map((object) => listedObject(object, { encode, hasOwner: true })),
      ...prefixes.map((one) => commonPrefix(one, encode)),
    ],
  ]);
}
