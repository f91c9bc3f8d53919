import { listPage } from '../listing.ts';
import type { ListingOptions } from '../listing.ts';
import type { StoredObject } from '../object-file.ts';
import { notImplemented, S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_KEYS = 1000;

/** One page of a bucket's objects (ListObjectsV2). */
export async function listObjectsV2(call: Call): Promise<void> {
  const { request } = call;
  const bucket = call.storage.bucket(call.bucket);
  if (parameter(request, 'list-type') !== '2') throw notImplemented('ListObjects (version 1)');
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const startAfter = parameter(request, 'start-after');
  const token = parameter(request, 'continuation-token');
  const maxKeys = maxKeysOf(request);
  const encode = encoderOf(request);

  const page = listPage(bucket.index, {
    prefix,
    delimiter,
    after: token === undefined ? { key: startAfter ?? '', wholePrefix: false } : readToken(token),
    maxKeys,
  });
  const { objects, prefixes, next } = page;
  sendXml(call, [
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
      ...objects.map((object) => contents(object, encode)),
      ...prefixes.map((one): XmlNode => ['CommonPrefixes', [['Prefix', encode(one)]]]),
    ],
  ]);
}

function contents(object: StoredObject, encode: (text: string) => string): XmlNode {
  return [
    'Contents',
    [
      ['Key', encode(object.key)],
      ['LastModified', new Date(object.lastModifiedMs).toISOString()],
      ['ETag', `"${object.etag}"`],
      ['Size', object.sizeBytes],
      ['StorageClass', 'STANDARD'],
    ],
  ];
}

function optional(name: string, value: string | undefined): XmlNode[] {
  return value === undefined ? [] : [[name, value]];
}

function maxKeysOf(request: S3Request): number {
  const text = parameter(request, 'max-keys') ?? String(MAX_KEYS);
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', 'max-keys is not a number.');
  return Math.min(Number(text), MAX_KEYS);
}

function encoderOf(request: S3Request): (text: string) => string {
  const type = parameter(request, 'encoding-type');
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw new S3Error('InvalidArgument', 'encoding-type can only be url.');
  return (text) => text.split('/').map(encodeURIComponent).join('/');
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
