import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

/** The one identity that may call. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a verified signature leaves for the chunks of the body to be checked against. */
export interface VerifiedSignature {
  readonly signingKey: Buffer;
  readonly signature: string;
  /** `20261121T120000Z` */
  readonly date: string;
  /** `20261121/us-east-1/s3/aws4_request` */
  readonly scope: string;
  /** The value of `x-amz-content-sha256`. */
  readonly payloadHash: string;
}

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  readonly path: string;
  readonly query: S3Request['query'];
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/** The one way of signing that this server knows. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** What a signed request says of its signature. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261121T120000Z` */
  readonly date: string;
}

/**
 * Splits `<access key id>/<day>/<region>/s3/aws4_request`.
 * @throws {S3Error} `AuthorizationHeaderMalformed`.
 */
export function parseCredential(text: string): { accessKeyId: string; scope: string } {
  const slash = text.indexOf('/');
  if (slash < 1) throw new S3Error('AuthorizationHeaderMalformed');
  return { accessKeyId: text.slice(0, slash), scope: text.slice(slash + 1) };
}

/**
 * When a request was signed, in ms since 1970.
 * @throws {S3Error} When key, scope or date are not what this server accepts.
 */
export function checkClaim(
  { accessKeyId, scope, date }: SignatureClaim,
  identity: Identity,
): number {
  // Any region, as a MinIO that was given none: it is part of the key, so the signature holds or does not.
  const [day, , service, terminator, ...rest] = scope.split('/');
  if (service !== 's3' || terminator !== 'aws4_request' || rest.length > 0) {
    throw new S3Error('AuthorizationHeaderMalformed', 'The scope must end with /s3/aws4_request.');
  }
  if (accessKeyId !== identity.accessKeyId) throw new S3Error('InvalidAccessKeyId');
  const signedMs = Date.parse(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signedMs) || !date.startsWith(`${day}T`)) {
    throw new S3Error('AccessDenied', 'x-amz-date must be there and on the day of the scope.');
  }
  return signedMs;
}

/** @throws {S3Error} `SignatureDoesNotMatch`, or `AccessDenied` when the signature leaves out too much. */
export function checkSignature(
  request: S3Request,
  claim: SignatureClaim & { readonly payloadHash: string },
  identity: Identity,
): VerifiedSignature {
  const { scope, date, signature, signedHeaders, payloadHash } = claim;
  requireSigned(request, signedHeaders);
  const signingKey = deriveSigningKey(identity.secretAccessKey, scope);
  const expected = signatureOf({ ...request, signedHeaders, payloadHash }, signingKey, date, scope);
  if (!sameText(signature, expected)) throw new S3Error('SignatureDoesNotMatch');
  return { signingKey, signature, date, scope, payloadHash };
}

/** The key that signs everything within `scope`. */
export function deriveSigningKey(secretAccessKey: string, scope: string): Buffer {
  return scope
    .split('/')
    .reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`));
}

/** The signature of a request, hexadecimal. */
export function signatureOf(
  parts: SignedParts,
  signingKey: Buffer,
  date: string,
  scope: string,
): string {
  // Header values arrive as Latin-1 characters; as Latin-1 they are again the bytes that were sent.
  const digest = createHash('sha256').update(canonicalRequest(parts), 'latin1').digest('hex');
  return hmac(signingKey, [ALGORITHM, date, scope, digest].join('\n')).toString('hex');
}

/** HMAC-SHA256. */
export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Compares two signatures in constant time. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Headers that change what a request means must be covered, or anybody on the way could add them. */
function requireSigned(request: S3Request, signedHeaders: readonly string[]): void {
  const mustBeSigned = [...request.headers.keys()].filter(
    (name) => name === 'host' || name.startsWith('x-amz-'),
  );
  const unsigned = mustBeSigned.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new S3Error('AccessDenied', `Headers are not signed: ${unsigned.join(', ')}.`);
}

function canonicalRequest({
  method,
  path,
  query,
  headers,
  signedHeaders,
  payloadHash,
}: SignedParts): string {
  const parameters = query
    .map(([name, value]) => [escapeUri(name), escapeUri(value)] as const)
    .toSorted(([name1, value1], [name2, value2]) => {
      if (name1 !== name2) return name1 < name2 ? -1 : 1;
      return value1 < value2 ? -1 : 1;
    })
    .map(([name, value]) => `${name}=${value}`);
  const lines = signedHeaders.map((name) => {
    const value = (headers.get(name) ?? '').trim().replace(/ +/g, ' ');
    return `${name}:${value}\n`;
  });
  return [
    method,
    path.split('/').map(escapeUri).join('/'),
    parameters.join('&'),
    lines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** RFC 3986 escapes: everything but letters, digits and `-._~`. */
export function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
