import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import { found, type Line } from '../check.ts';
import type { FindingCode } from '../findings.ts';

/** S3's own codes, and the finding that each is. */
const CODES: Readonly<Record<string, FindingCode>> = {
  InvalidAccessKeyId: 'S3_CREDENTIALS_REFUSED',
  SignatureDoesNotMatch: 'S3_CREDENTIALS_REFUSED',
  InvalidToken: 'S3_CREDENTIALS_REFUSED',
  InvalidTokenId: 'S3_CREDENTIALS_REFUSED',
  ExpiredToken: 'S3_CREDENTIALS_REFUSED',
  AccessDenied: 'S3_ACCESS_DENIED',
  NoSuchBucket: 'S3_BUCKET_MISSING',
  RequestTimeTooSkewed: 'S3_CLOCK_SKEWED',
};

/** What a failed call to the object store means. @throws What is not an answer of a store. */
export function storeFinding(cause: unknown): Line {
  if (!(cause instanceof ObjectStoreError)) throw cause;
  return found(CODES[cause.code ?? ''] ?? 'S3_FAILING', cause.message);
}
