import { createHmac } from 'node:crypto';

import { S3Error } from './s3-error.ts';
import { parameter } from './s3-request.ts';
import type { S3Request } from './s3-request.ts';
import { escapeUri, sameText } from './sigv4.ts';
import type { Identity, VerifiedSignature } from './sigv4.ts';

/** Query parameters that the old signature covers, in this order. */
const SIGNED_PARAMETERS = [
  'accelerate',
  'acl',
  'cors',
  'delete',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'tagging',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
];

/** Whether the query has a signature of the old form, which boto3 still makes by default. */
export function isPresignedV2(request: S3Request): boolean {
  return parameter(request, 'AWSAccessKeyId') !== undefined;
}

/**
 * Checks a signature of version 2 in the query
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html).
 * @throws {S3Error} When it is wrong or has expired, by S3's codes.
 */
export function verifyPresignedUrlV2(
  request: S3Request,
  identity: Identity,
  nowMs: number,
): VerifiedSignature {
  const expires = parameter(request, 'Expires') ?? '';
  if (!/^\d{1,12}$/.test(expires)) {
    throw new S3Error('AccessDenied', 'Expires is missing or not a number.');
  }
  if (parameter(request, 'AWSAccessKeyId') !== identity.accessKeyId) {
    throw new S3Error('InvalidAccessKeyId');
  }
  if (nowMs > Number(expires) * 1000) throw new S3Error('AccessDenied', 'Request has expired.');
  const signature = parameter(request, 'Signature') ?? '';
  const expected = createHmac('sha1', identity.secretAccessKey)
    .update(stringToSign(request, expires))
    .digest('base64');
  if (!sameText(signature, expected)) throw new S3Error('SignatureDoesNotMatch');
  return {
    signingKey: Buffer.alloc(0),
    signature,
    date: '',
    scope: '',
    payloadHash: 'UNSIGNED-PAYLOAD',
  };
}

function stringToSign({ method, headers, path, query }: S3Request, expires: string): string {
  const amazon = [...headers]
    .filter(([name]) => name.startsWith('x-amz-'))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`);
  const parameters = SIGNED_PARAMETERS.flatMap((name) => {
    const found = query.find(([candidate]) => candidate === name);
    if (found === undefined) return [];
    return [found[1] === '' ? name : `${name}=${found[1]}`];
  });
  const resource = path.split('/').map(escapeUri).join('/');
  return [
    method,
    headers.get('content-md5') ?? '',
    headers.get('content-type') ?? '',
    expires,
    amazon.join('') + resource + (parameters.length > 0 ? `?${parameters.join('&')}` : ''),
  ].join('\n');
}
