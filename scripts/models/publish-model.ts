import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { ConflictError, ModelLoadError } from '../../functions/runtime/errors.ts';
import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { MANIFEST_FILE } from '../../models/loader/package-schema.ts';
import { SHARED_TENANT, packagePrefix, readManifest } from './model-uri.ts';
import { verifyModel } from './verify-model.ts';

/** What to publish, and where. */
export interface PublishOptions {
  /** Of the models bucket; stays open. */
  readonly store: ObjectStore;
  /** The package's folder. */
  readonly dir: string;
  /** @default '_shared' */
  readonly tenant?: string;
  /** @default never aborts */
  readonly signal?: AbortSignal;
}

/** What is published now. */
export interface Published {
  /** `s3://models/_shared/iris/1` */
  readonly uri: string;
  readonly name: string;
  readonly version: number;
  /** sha256 of `model.json`: what `MODEL_DIGEST` can be set to. */
  readonly digest: string;
  /** Names of the files that were uploaded just now; none when the same version was there already. */
  readonly uploaded: readonly string[];
}

/** One file as it will lie in the bucket. */
interface Upload {
  readonly name: string;
  readonly key: string;
  readonly bytes: Buffer;
}

/**
 * Publishes a package: verifies it against its manifest and its golden cases, then uploads each file unless it
 * is there, `model.json` last. Who sees `model.json` sees a whole package, and an interrupted publication can
 * be run again. Nothing is ever overwritten.
 * @throws {ModelLoadError} When the package is not what its manifest says, or fails its golden cases.
 * @throws {ConflictError} When other bytes are published under the same version.
 * @throws {ObjectStoreError} When the store refuses or cannot be reached.
 */
export async function publishModel(options: PublishOptions): Promise<Published> {
  const { store, dir, tenant = SHARED_TENANT, signal = new AbortController().signal } = options;
  await provePackage(dir, signal);

  const { manifest, bytes: manifestBytes } = await readManifest(dir);
  const prefix = packagePrefix(tenant, manifest);
  const manifestUpload = {
    name: MANIFEST_FILE,
    key: `${prefix}/${MANIFEST_FILE}`,
    bytes: manifestBytes,
  };
  // First of all: a version that is published with other contents must not get a single new file.
  await refuseOtherVersion(store, manifestUpload, signal);

  const uploaded: string[] = [];
  for (const { name } of manifest.files) {
    const bytes = await readFile(join(dir, name));
    if (await uploadOnce(store, { name, key: `${prefix}/${name}`, bytes }, signal))
      uploaded.push(name);
  }
  if (await uploadOnce(store, manifestUpload, signal)) uploaded.push(MANIFEST_FILE);

  const { name, version } = manifest;
  const digest = createHash('sha256').update(manifestBytes).digest('hex');
  return { uri: `s3://${store.bucket}/${prefix}`, name, version, digest, uploaded };
}

async function provePackage(dir: string, signal: AbortSignal): Promise<void> {
  const openStore = (): never => {
    throw new TypeError('A folder needs no store');
  };
  const { passed, differences } = await verifyModel({ uri: `file:${dir}`, openStore, signal });
  if (passed) return;
  const wrong = differences
    .filter(({ withinTolerance }) => !withinTolerance)
    .map(({ output, largestDifference }) => `"${output}" differs by ${largestDifference}`);
  throw new ModelLoadError(`Cannot publish ${dir}: golden cases fail: ${wrong.join(', ')}`, {
    permanent: true,
  });
}

async function refuseOtherVersion(
  store: ObjectStore,
  upload: Upload,
  signal: AbortSignal,
): Promise<void> {
  const there = await store.head(upload.key, { signal });
  if (there !== undefined) await refuseOtherBytes(store, upload, signal);
}

/** Creates the object; false when exactly these bytes are there already. */
async function uploadOnce(
  store: ObjectStore,
  upload: Upload,
  signal: AbortSignal,
): Promise<boolean> {
  // Asking first spares the upload of what an earlier, interrupted run has uploaded.
  if ((await store.head(upload.key, { signal })) === undefined) {
    try {
      const contentType = CONTENT_TYPES[extname(upload.name)] ?? 'application/octet-stream';
      await store.put(upload.key, upload.bytes, { contentType, ifNoneMatch: '*', signal });
      return true;
    } catch (cause) {
      if (!(cause instanceof PreconditionFailedError)) throw cause;
    }
  }
  await refuseOtherBytes(store, upload, signal);
  return false;
}

/** Streams what is published and compares; a graph of gigabytes is not held in memory twice. */
async function refuseOtherBytes(
  store: ObjectStore,
  { key, bytes, name }: Upload,
  signal: AbortSignal,
): Promise<void> {
  const { body } = await store.get(key, { signal });
  const hash = createHash('sha256');
  for await (const chunk of body as AsyncIterable<Buffer>) hash.update(chunk);
  if (hash.digest('hex') === createHash('sha256').update(bytes).digest('hex')) return;
  throw new ConflictError(
    `s3://${store.bucket}/${key} exists with other bytes than ${name} here. A version never changes: ` +
      'publish this package under a higher version',
  );
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
