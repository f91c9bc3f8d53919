import { createHash } from 'node:crypto';

import { deriveSigningKey, signatureOf } from '../../knative/local/s3/sigv4.ts';
import { sealForMinio } from './minio-seal.ts';

/** A MinIO server and its root credentials. */
export interface MinioRoot {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Somebody who may do less than root. */
export interface MinioUser {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Name of the policy that says what the user may do. */
  readonly policyName: string;
  readonly policy: object;
}

/**
 * Creates the user, or gives it this secret and policy again; right after return both are in force.
 * @throws {Error} When MinIO refuses or does not answer.
 */
export async function ensureUser(root: MinioRoot, user: MinioUser): Promise<void> {
  const { accessKeyId, secretAccessKey, policyName, policy } = user;
  await call(root, {
    path: '/minio/admin/v3/add-canned-policy',
    query: [['name', policyName]],
    body: Buffer.from(JSON.stringify(policy)),
  });
  const facts = JSON.stringify({ secretKey: secretAccessKey, status: 'enabled' });
  await call(root, {
    path: '/minio/admin/v3/add-user',
    query: [['accessKey', accessKeyId]],
    body: sealForMinio(root.secretAccessKey, facts),
  });
  await call(root, {
    path: '/minio/admin/v3/set-user-or-group-policy',
    query: [
      ['isGroup', 'false'],
      ['policyName', policyName],
      ['userOrGroup', accessKeyId],
    ],
  });
}

interface Call {
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: Buffer;
}

/** One signed PUT. */
async function call(root: MinioRoot, { path, query = [], body }: Call): Promise<void> {
  const url = new URL(path, root.endpoint);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const payloadHash = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const headers = new Map([
    ['host', url.host],
    ['x-amz-content-sha256', payloadHash],
    ['x-amz-date', date],
  ]);
  const signedHeaders = [...headers.keys()];
  const signature = signatureOf(
    { method: 'PUT', path, query: [...query], headers, signedHeaders, payloadHash },
    deriveSigningKey(root.secretAccessKey, scope),
    date,
    scope,
  );
  const answer = await fetch(url, {
    method: 'PUT',
    headers: {
      ...Object.fromEntries(headers),
      authorization: `AWS4-HMAC-SHA256 Credential=${root.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (answer.ok) return;
  throw new Error(
    `MinIO answered ${answer.status} to PUT ${path}: ${text.slice(0, 300).replaceAll('\n', ' ')}`,
  );
}
