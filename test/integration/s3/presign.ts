import { ALGORITHM, deriveSigningKey, signatureOf } from '../../../knative/local/s3/sigv4.ts';
import type { TestS3 } from '../../support/local-s3.ts';

/** What a presigned URL is to allow. */
export interface PresignOptions {
  readonly method?: string;
  /** `/bucket/key`, not escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Headers that whoever uses the URL must send as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 60 */
  readonly expiresS?: number;
  /** @default now */
  readonly date?: Date;
}

/** Signs a URL as AWS publishes it. */
export function presign(
  settings: TestS3['settings'],
  {
    method = 'GET',
    path,
    query = {},
    headers = {},
    expiresS = 60,
    date = new Date(),
  }: PresignOptions,
): string {
  const url = new URL(path, settings.S3_ENDPOINT);
  const day = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${day.slice(0, 8)}/${settings.AWS_REGION}/s3/aws4_request`;
  const all = new Map(Object.entries({ host: url.host, ...headers }));
  const signedHeaders = [...all.keys()].toSorted();
  const parameters = Object.entries({
    ...query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${settings.AWS_ACCESS_KEY_ID}/${scope}`,
    'X-Amz-Date': day,
    'X-Amz-Expires': String(expiresS),
    'X-Amz-SignedHeaders': signedHeaders.join(';'),
  });
  const signature = signatureOf(
    {
      method,
      path,
      query: parameters,
      headers: all,
      signedHeaders,
      payloadHash: 'UNSIGNED-PAYLOAD',
    },
    deriveSigningKey(settings.AWS_SECRET_ACCESS_KEY, scope),
    day,
    scope,
  );
  const search = new URLSearchParams([...parameters, ['X-Amz-Signature', signature]]);
  return `${url.href}?${search.toString().replaceAll('+', '%20')}`;
}
