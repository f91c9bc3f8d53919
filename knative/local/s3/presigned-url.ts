import { S3Error } from './s3-error.ts';
import { parameter } from './s3-request.ts';
import type { S3Request } from './s3-request.ts';
import { ALGORITHM, checkClaim, checkSignature, parseCredential } from './sigv4.ts';
import type { Identity, VerifiedSignature } from './sigv4.ts';

const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRES_S = 7 * 24 * 60 * 60;
const SIGNATURE = 'X-Amz-Signature';
/** Parameters about the signature itself, in lower case. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-content-sha256',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/** Whether the signature is in the query. */
export function isPresigned(request: S3Request): boolean {
  return parameter(request, SIGNATURE) !== undefined;
}

/**
 * Checks the signature in the query
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 * @throws {S3Error} When anything about it is wrong or it has expired, by S3's codes.
 */
export function verifyPresignedUrl(
  request: S3Request,
  identity: Identity,
  nowMs: number,
): VerifiedSignature {
  const claim = {
    ...parseCredential(required(request, 'X-Amz-Credential')),
    signedHeaders: required(request, 'X-Amz-SignedHeaders').split(';'),
    signature: required(request, SIGNATURE),
    date: required(request, 'X-Amz-Date'),
  };
  if (required(request, 'X-Amz-Algorithm') !== ALGORITHM) malformed(`X-Amz-Algorithm`);
  const expires = required(request, 'X-Amz-Expires');
  const expiresS = /^\d{1,9}$/.test(expires) ? Number(expires) : 0;
  if (expiresS < 1 || expiresS > MAX_EXPIRES_S) malformed('X-Amz-Expires');
  const signedMs = checkClaim(claim, identity);
  if (signedMs - nowMs > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
  if (nowMs > signedMs + expiresS * 1000) {
    throw new S3Error('AccessDenied', 'Request has expired.');
  }
  const payloadHash =
    parameter(request, 'X-Amz-Content-Sha256') ??
    request.headers.get('x-amz-content-sha256') ??
    'UNSIGNED-PAYLOAD';
  const query = request.query.filter(([name]) => name !== SIGNATURE);
  return checkSignature({ ...request, query }, { ...claim, payloadHash }, identity);
}

/**
 * The request with the `x-amz-…` headers that its signer moved into the query, such as metadata.
 * Only for requests whose query has been verified.
 */
export function withQueryHeaders(request: S3Request): S3Request {
  const moved = request.query
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith('x-amz-') && !OWN_PARAMETERS.has(name));
  return moved.length === 0
    ? request
    : { ...request, headers: new Map([...moved, ...request.headers]) };
}

function required(request: S3Request, name: string): string {
  return parameter(request, name) ?? malformed(name);
}

function malformed(name: string): never {
  throw new S3Error('AuthorizationQueryParametersError', `${name} is missing or not valid.`);
}
