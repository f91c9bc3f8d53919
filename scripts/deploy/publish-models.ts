import { RETENTION } from '../../events/jobs/lifecycle.ts';
import { UPLOAD_NOTICES } from '../../events/uploads/notices.ts';
import { expireObjects } from '../../functions/runtime/object-store/expire-objects.ts';
import { tellWebhooks } from '../../functions/runtime/object-store/tell-webhooks.ts';
import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import { createBucket } from '../../functions/runtime/object-store/create-bucket.ts';
import { findPackages } from '../models/package-folders.ts';
import { publishModel, type Published } from '../models/publish-model.ts';
import { ensureUser } from './minio-admin.ts';
import type { MinioUser } from './minio-admin.ts';
import { READ_MODELS, runJobs } from './policies.ts';
import type { SecretData } from './secrets.ts';

const BUCKET = 'models';

/** A MinIO that is there for this deploy, and whom it must know. */
export interface ModelStore {
  readonly endpoint: string;
  /** Content of the Secret `minio-root`. */
  readonly root: SecretData;
  /** Content of the Secret `s3-models`. */
  readonly reader: SecretData;
  /** Content of the Secret `s3-data`. */
  readonly worker: SecretData;
  /** The tenant's bucket for data. */
  readonly dataBucket: string;
}

/**
 * Makes the buckets with their rules, the users that functions read and work as, and every model. A MinIO that has all this is left
 * as it is; one that lost its volume gets it again.
 * @throws {Error} When MinIO refuses, or a version is published there with other bytes.
 */
export async function publishModels(
  store: ModelStore,
  folders: readonly string[],
): Promise<Published[]> {
  const settings = {
    S3_ENDPOINT: store.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: secretValue(store.root, 'root-user'),
    AWS_SECRET_ACCESS_KEY: secretValue(store.root, 'root-password'),
    AWS_SESSION_TOKEN: undefined,
  };
  for (const bucket of [BUCKET, store.dataBucket]) await createBucket(settings, bucket);
  await expireObjects(settings, store.dataBucket, RETENTION);
  await tellWebhooks(settings, store.dataBucket, UPLOAD_NOTICES);
  const root = {
    endpoint: store.endpoint,
    accessKeyId: settings.AWS_ACCESS_KEY_ID,
    secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
  };
  await ensureUser(root, {
    ...userOf(store.reader),
    policyName: 'read-models',
    policy: READ_MODELS,
  });
  await ensureUser(root, {
    ...userOf(store.worker),
    policyName: `run-jobs-${store.dataBucket}`,
    policy: runJobs(store.dataBucket),
  });
  const objects = openObjectStore(settings, BUCKET);
  try {
    const published: Published[] = [];
    for (const dir of folders) published.push(await publishModel({ store: objects, dir }));
    return published;
  } finally {
    objects.close();
  }
}

/**
 * The folders of the models that Services name.
 * @throws {Error} When there is no package of one of them.
 */
export async function packageFolders(
  folders: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  const packages = await findPackages(folders);
  return [...new Set(names)].map((name) => {
    const found = packages.find((one) => one.name === name);
    if (found !== undefined) return found.dir;
    throw new Error(`There is no model package "${name}" in ${folders.join(' or ')}`);
  });
}

function userOf(secret: SecretData): Pick<MinioUser, 'accessKeyId' | 'secretAccessKey'> {
  return {
    accessKeyId: secretValue(secret, 'access-key-id'),
    secretAccessKey: secretValue(secret, 'secret-access-key'),
  };
}

function secretValue(secret: SecretData, key: string): string {
  const value = secret[key];
  if (value === undefined) {
    throw new Error(`A Secret has no key "${key}": delete it, and the next deploy makes a new one`);
  }
  return value;
}
