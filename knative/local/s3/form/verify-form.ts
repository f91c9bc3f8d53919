import { createHmac } from 'node:crypto';

import { S3Error } from '../s3-error.ts';
import {
  ALGORITHM,
  checkClaim,
  deriveSigningKey,
  hmac,
  parseCredential,
  sameText,
} from '../sigv4.ts';
import type { Identity } from '../sigv4.ts';

/**
 * Checks that `identity` signed the policy of a form, in the new way or the old
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html).
 * @throws {S3Error} When it did not, by S3's codes.
 */
export function verifyForm(fields: ReadonlyMap<string, string>, identity: Identity): void {
  const field = (name: string): string => fields.get(name) ?? '';
  const isOld = fields.has('awsaccesskeyid') && fields.has('signature');
  const expected = isOld
    ? oldSignature(field('awsaccesskeyid'), field('policy'), identity)
    : newSignature(field, identity);
  const given = isOld ? field('signature') : field('x-amz-signature');
  if (!sameText(given, expected)) throw new S3Error('SignatureDoesNotMatch');
}

function oldSignature(accessKeyId: string, policy: string, identity: Identity): string {
  if (accessKeyId !== identity.accessKeyId) throw new S3Error('InvalidAccessKeyId');
  return createHmac('sha1', identity.secretAccessKey).update(policy).digest('base64');
}

function newSignature(field: (name: string) => string, identity: Identity): string {
  if (field('x-amz-algorithm') !== ALGORITHM || field('x-amz-credential') === '') {
    const message = `The form must have a policy that is signed with ${ALGORITHM}.`;
    throw new S3Error('AuthorizationQueryParametersError', message);
  }
  const { accessKeyId, scope } = parseCredential(field('x-amz-credential'));
  const signature = field('x-amz-signature');
  const date = field('x-amz-date');
  checkClaim({ accessKeyId, scope, signature, date, signedHeaders: [] }, identity);
  const key = deriveSigningKey(identity.secretAccessKey, scope);
  return hmac(key, field('policy')).toString('hex');
}
