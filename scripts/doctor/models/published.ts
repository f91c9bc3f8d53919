import { createHash } from 'node:crypto';

import {
  ObjectNotFoundError,
  ObjectStoreError,
} from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { MANIFEST_FILE, type ModelManifest } from '../../../models/loader/package-schema.ts';
import { packagePrefix, readManifest, SHARED_TENANT } from '../../models/model-uri.ts';
import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { readStoreSettings } from '../storage/store-settings.ts';
import { packageFolders } from './packages.ts';

const BUCKET = 'models';

/** Whether the models of the clone are in the object store of the environment, byte for byte. */
export async function checkPublished(context: CheckContext): Promise<readonly Line[]> {
  const { env, signal } = context;
  const settings = readStoreSettings(env);
  if ('lines' in settings) {
    const isSet = settings.lines.some(({ status }) => status === 'found');
    return [
      skipped(isSet ? 'the settings of the object store are not valid' : 'S3_ENDPOINT is not set'),
    ];
  }
  const store = openObjectStore(settings.values, BUCKET, { maxAttempts: 1 });
  try {
    return await publishedLines(store, { folders: await packageFolders(context), signal });
  } catch (cause) {
    // The check of the object store says what is wrong with it.
    if (!(cause instanceof ObjectStoreError)) throw cause;
    return [skipped('the object store cannot be read')];
  } finally {
    store.close();
  }
}

/** One line for each package folder: what the store has of it. @throws {ObjectStoreError} */
export async function publishedLines(
  store: ObjectStore,
  { folders, signal }: { readonly folders: readonly string[]; readonly signal: AbortSignal },
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const folder of folders) lines.push(await publishedLine(store, folder, signal));
  return lines;
}

async function publishedLine(
  store: ObjectStore,
  folder: string,
  signal: AbortSignal,
): Promise<Line> {
  const { manifest, bytes } = await readManifest(folder);
  const prefix = packagePrefix(SHARED_TENANT, manifest);
  const uri = `s3://${store.bucket}/${prefix}`;
  const there = await sha256At(store, `${prefix}/${MANIFEST_FILE}`, signal);
  if (there === undefined) return found('MODEL_NOT_PUBLISHED', uri);
  if (there !== createHash('sha256').update(bytes).digest('hex')) {
    return found('MODEL_PUBLISHED_OTHERWISE', uri);
  }
  const faults = await fileFaults(store, { prefix, manifest, signal });
  return faults.length === 0
    ? ok(`${uri}: every byte as in model.json`)
    : found('MODEL_PUBLISHED_BROKEN', `${uri}: ${faults.join(', ')}`);
}

async function fileFaults(
  store: ObjectStore,
  { prefix, manifest, signal }: { prefix: string; manifest: ModelManifest; signal: AbortSignal },
): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, sha256 } of manifest.files) {
    const there = await sha256At(store, `${prefix}/${name}`, signal);
    if (there === undefined) faults.push(`${name} is missing`);
    else if (there !== sha256) faults.push(`${name} has other bytes`);
  }
  return faults;
}

/** Streamed: a graph can be gigabytes. */
async function sha256At(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { body } = await store.get(key, { signal });
    const hash = createHash('sha256');
    for await (const chunk of body as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  } catch (cause) {
    if (cause instanceof ObjectNotFoundError && cause.code !== 'NoSuchBucket') return undefined;
    throw cause;
  }
}
