import { ConflictError } from '../../functions/runtime/errors.ts';
import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import { storeSettings, type S3Access } from '../../knative/local/storage.ts';
import { findPackages } from '../models/package-folders.ts';
import { publishModel } from '../models/publish-model.ts';

/** Where packages come from and go to. */
export interface PackagesOptions {
  /** Folders with one package per folder; folders without `model.json` are none. */
  readonly folders: readonly string[];
  readonly s3: S3Access;
  readonly bucket: string;
  /** Where the store keeps its files, for the advice in an error; `undefined` for a store of others. */
  readonly dataDir: string | undefined;
}

/**
 * Publishes every package of the clone; one that is there already costs a comparison.
 * @throws {Error} When a package differs from what is published under its version; says how to go on.
 */
export async function publishPackages(options: PackagesOptions): Promise<void> {
  const store = openObjectStore(storeSettings(options.s3), options.bucket);
  try {
    for (const { dir } of await findPackages(options.folders)) await publishModel({ store, dir });
  } catch (cause) {
    if (!(cause instanceof ConflictError) || options.dataDir === undefined) throw cause;
    throw new Error(
      `${cause.message}.\nWhile you develop, the local store can start anew instead: rm -r ${JSON.stringify(options.dataDir)}`,
      { cause },
    );
  } finally {
    store.close();
  }
}
