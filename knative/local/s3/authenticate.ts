import { verifyAuthorizationHeader } from './authorization-header.ts';
import { isPresignedV2, verifyPresignedUrlV2 } from './presigned-url-v2.ts';
import { isPresigned, verifyPresignedUrl } from './presigned-url.ts';
import type { S3Request } from './s3-request.ts';
import type { Identity, VerifiedSignature } from './sigv4.ts';

/**
 * Checks who a request is from, in whichever of the ways it says so.
 * @throws {S3Error} When it is not signed by `identity`.
 */
export function authenticate(
  request: S3Request,
  identity: Identity,
  nowMs: number,
): VerifiedSignature {
  if (request.headers.has('authorization')) {
    return verifyAuthorizationHeader(request, identity, nowMs);
  }
  if (isPresigned(request)) return verifyPresignedUrl(request, identity, nowMs);
  if (isPresignedV2(request)) return verifyPresignedUrlV2(request, identity, nowMs);
  return verifyAuthorizationHeader(request, identity, nowMs);
}

/** For an upload by form, whose body carries the signature: whoever reads it must check that. */
export const SIGNED_IN_FORM: VerifiedSignature = {
  signingKey: Buffer.alloc(0),
  signature: '',
  date: '',
  scope: '',
  payloadHash: 'UNSIGNED-PAYLOAD',
};
