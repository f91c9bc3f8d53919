import { createHmac } from 'node:crypto';

import { ALGORITHM, deriveSigningKey, hmac } from '../../../knative/local/s3/sigv4.ts';
import type { TestS3 } from '../../support/local-s3.ts';

/** What the signer of a form allows, and what whoever sends it does. */
export interface FormOptions {
  readonly bucket: string;
  /** @default 'posted/${filename}' */
  readonly key?: string;
  /** Fields with their values, which the policy names as they are. */
  readonly fields?: Readonly<Record<string, string>>;
  /** More of the policy. */
  readonly conditions?: readonly unknown[];
  /** @default 60 */
  readonly expiresS?: number;
  /** The old signature, which boto3 makes by default. */
  readonly isOld?: boolean;
  /** Changes the fields after they were signed; `undefined` takes one away. */
  readonly tampered?: Readonly<Record<string, string | undefined>>;
  /** @default 'hello' */
  readonly body?: string | undefined;
  /** @default 'f.txt' */
  readonly fileName?: string;
  /** Whether the form comes without a file. */
  readonly isEmpty?: boolean;
}

/** Sends a form as a browser would; redirects are not followed. */
export async function postForm(
  settings: TestS3['settings'],
  options: FormOptions,
): Promise<Response> {
  const { bucket, body = 'hello', fileName = 'f.txt', isEmpty = false } = options;
  const form = new FormData();
  const all = { ...signedFields(settings, options), ...options.tampered };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) form.set(name, value);
  }
  if (!isEmpty) form.set('file', new Blob([body], { type: 'text/plain' }), fileName);
  return fetch(`${settings.S3_ENDPOINT}/${bucket}`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
}

function signedFields(
  settings: TestS3['settings'],
  {
    bucket,
    key = 'posted/${filename}',
    fields = {},
    conditions = [],
    expiresS = 60,
    isOld = false,
  }: FormOptions,
): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region } = settings;
  const now = new Date();
  const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const signing: Record<string, string> = isOld
    ? {}
    : { 'x-amz-algorithm': ALGORITHM, 'x-amz-credential': `${id}/${scope}`, 'x-amz-date': date };
  const prefix = key.replace('${filename}', '');
  const document = {
    expiration: new Date(now.getTime() + expiresS * 1000).toISOString(),
    conditions: [
      { bucket },
      prefix === key ? { key } : ['starts-with', '$key', prefix],
      ...Object.entries({ ...fields, ...signing }).map(([name, value]) => ({ [name]: value })),
      ...conditions,
    ],
  };
  const policy = Buffer.from(JSON.stringify(document)).toString('base64');
  const signature = isOld
    ? { AWSAccessKeyId: id, signature: createHmac('sha1', secret).update(policy).digest('base64') }
    : { 'x-amz-signature': hmac(deriveSigningKey(secret, scope), policy).toString('hex') };
  return { key, ...fields, ...signing, policy, ...signature };
}
