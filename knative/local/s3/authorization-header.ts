import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { ALGORITHM, checkClaim, checkSignature, parseCredential } from './sigv4.ts';
import type { Identity, SignatureClaim, VerifiedSignature } from './sigv4.ts';

const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * Checks the signature in the `Authorization` header
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 * @throws {S3Error} When anything about it is wrong, by S3's codes.
 */
export function verifyAuthorizationHeader(
  request: S3Request,
  identity: Identity,
  nowMs: number,
): VerifiedSignature {
  const claim = parseHeader(request);
  const signedMs = checkClaim(claim, identity);
  if (Math.abs(nowMs - signedMs) > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
  const payloadHash = request.headers.get('x-amz-content-sha256');
  if (payloadHash === undefined) {
    throw new S3Error('InvalidRequest', 'The header x-amz-content-sha256 is missing.');
  }
  return checkSignature(request, { ...claim, payloadHash }, identity);
}

function parseHeader({ headers }: S3Request): SignatureClaim {
  const header = headers.get('authorization');
  if (header === undefined) throw new S3Error('AccessDenied', 'The request is not signed.');
  if (!header.startsWith(`${ALGORITHM} `)) {
    throw new S3Error('InvalidRequest', `The authorization mechanism must be ${ALGORITHM}.`);
  }
  const fields = new Map(
    header
      .slice(ALGORITHM.length + 1)
      .split(',')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  const [credential = '', signed, signature] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => fields.get(name),
  );
  if (signed === undefined || signature === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed');
  }
  return {
    ...parseCredential(credential),
    signedHeaders: signed.split(';'),
    signature,
    date: headers.get('x-amz-date') ?? '',
  };
}
