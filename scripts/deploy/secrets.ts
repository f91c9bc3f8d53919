import { randomBytes } from 'node:crypto';

import { UPLOAD_NOTICES } from '../../events/uploads/notices.ts';
import type { Kubectl } from './kubectl.ts';

/** Names and values of one Secret. */
export type SecretData = Readonly<Record<string, string>>;

/** What a MinIO needs to start with: keys of the Secret `minio-root`. */
export function makeMinioRoot(): SecretData {
  return { 'root-user': randomName('root'), 'root-password': randomSecret() };
}

/** Credentials of one S3 user: keys of the Secrets `s3-models` and `s3-data`. */
export function makeS3User(): SecretData {
  return { 'access-key-id': randomName('functions'), 'secret-access-key': randomSecret() };
}

/**
 * What MinIO sends when it tells of an upload: keys of the Secret `uploads-webhook`. `token` is for the function
 * `uploads`, `minio.env` says the same to MinIO, as a file of its environment.
 */
export function makeUploadsWebhook(): SecretData {
  const token = randomSecret();
  const lines = UPLOAD_NOTICES.map(
    ({ id }) => `export MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${id}="${token}"\n`,
  );
  return { token, 'minio.env': lines.join('') };
}

/**
 * The Secret's content; when there is no such Secret it is made first, once. Later deploys find it and
 * change nothing.
 */
export async function ensureSecret(
  kubectl: Kubectl,
  name: string,
  make: () => SecretData,
): Promise<SecretData> {
  const found = await kubectl.get('secret', name);
  if (found !== undefined) {
    const data = (found['data'] ?? {}) as Record<string, string>;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }
  const content = make();
  await kubectl.create([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', stringData: content },
  ]);
  return content;
}

function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** 240 bits. MinIO allows at most 40 characters. */
function randomSecret(): string {
  return randomBytes(30).toString('base64url');
}
