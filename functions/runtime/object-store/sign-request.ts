import { createHash, createHmac } from 'node:crypto';

/** Who signs, and for which region. */
export interface Signer {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A request without a body. */
export interface UnsignedRequest {
  readonly method: 'GET';
  /** Percent-encoded. */
  readonly path: string;
  /** Percent-encoded, names in order. */
  readonly query: string;
  /** Lower-case names; `host` is one of them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** sha256 of no bytes. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The headers of a request with AWS Signature Version 4 for S3 among them, all signed
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 */
export function signRequest(
  request: UnsignedRequest,
  signer: Signer,
  now: Date,
): Record<string, string> {
  const date = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': date,
    ...(signer.sessionToken === undefined ? {} : { 'x-amz-security-token': signer.sessionToken }),
  };
  const names = Object.keys(headers).toSorted();
  const canonicalRequest = [
    request.method,
    request.path,
    request.query,
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    EMPTY_SHA256,
  ].join('\n');

  const scope = [date.slice(0, 8), signer.region, 's3', 'aws4_request'];
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const stringToSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), digest].join('\n');
  const secret = Buffer.from(`AWS4${signer.secretAccessKey}`);
  const signature = hmac(scope.reduce<Buffer>(hmac, secret), stringToSign).toString('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${signer.accessKeyId}/${scope.join('/')}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
