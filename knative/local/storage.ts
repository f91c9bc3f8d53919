import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createBucket } from '../../functions/runtime/object-store/create-bucket.ts';
import type { ObjectStoreSettings } from '../../functions/runtime/object-store/s3-client.ts';

/** An object store and the right to use it. */
export interface S3Access {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** The keys of the local S3. */
export type S3Keys = Pick<S3Access, 'accessKeyId' | 'secretAccessKey'>;

/**
 * The keys kept in `dataDir`, made at the first start and readable by this user only. Data and keys belong
 * together, so two copies with folders of their own do not share them.
 */
export async function loadOrCreateKeys(dataDir: string): Promise<S3Keys> {
  const file = join(dataDir, 's3-keys.json');
  const fresh: S3Keys = {
    accessKeyId: `local-${randomBytes(6).toString('hex')}`,
    secretAccessKey: randomBytes(24).toString('base64url'),
  };
  try {
    await writeFile(file, `${JSON.stringify(fresh)}\n`, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  return JSON.parse(await readFile(file, 'utf8')) as S3Keys;
}

/** `access` as the settings that our object-store client takes. */
export function storeSettings(access: S3Access): ObjectStoreSettings {
  return {
    S3_ENDPOINT: access.endpoint,
    AWS_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
  };
}

/** Creates the buckets that are not there yet. */
export async function createBuckets(access: S3Access, buckets: readonly string[]): Promise<void> {
  for (const bucket of buckets) await createBucket(storeSettings(access), bucket);
}
