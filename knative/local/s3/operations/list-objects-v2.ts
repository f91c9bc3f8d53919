import { listPage } from '../listing.ts';
import type { ListingOptions } from '../listing.ts';
import { S3Error } from '../s3-error.ts';
import { encoderOf, pageSize, parameter } from '../s3-request.ts';
import { optional } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { commonPrefix, listedObject } from './listed-object.ts';

/** One page of a bucket's objects (ListObjectsV2). */
export async function listObjectsV2(call: Call): Promise<void> {
  const { request } = call;
  const bucket = call.storage.bucket(call.bucket);
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const startAfter = parameter(request, 'start-after');
  const token = parameter(request, 'continuation-token');
  const hasOwner = parameter(request, 'fetch-owner') === 'true';
  const maxKeys = pageSize(request, 'max-keys');
  const encode = encoderOf(request);

  const { objects, prefixes, next } = listPage(bucket.index.visible, {
    prefix,
    delimiter,
    after: token === undefined ? { key: startAfter ?? '', wholePrefix: false } : readToken(token),
    maxKeys,
  });
  await sendXml(call, [
    'ListBucketResult',
    [
      ['Name', call.bucket],
      ['Prefix', encode(prefix)],
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      ...optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
      ...optional('ContinuationToken', token),
      ...optional('EncodingType', parameter(request, 'encoding-type')),
      ['MaxKeys', maxKeys],
      ['KeyCount', objects.length + prefixes.length],
      ['IsTruncated', String(next !== undefined)],
      ...optional('NextContinuationToken', next && writeToken(next)),
      ...objects.map((object) => listedObject(object, { encode, hasOwner })),
      ...prefixes.map((one) => commonPrefix(one, encode)),
    ],
  ]);
}

/** The token is the place itself: it stays good over a restart and while objects come and go. */
function writeToken(after: ListingOptions['after']): string {
  return Buffer.from(`${after.wholePrefix ? 'p' : 'k'}${after.key}`).toString('base64url');
}

function readToken(token: string): ListingOptions['after'] {
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^[kp]/.test(text)) throw new S3Error('InvalidArgument', 'The token is not one of ours.');
  return { key: text.slice(1), wholePrefix: text.startsWith('p') };
}
