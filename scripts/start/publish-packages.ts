import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ConflictError } from '../../functions/runtime/errors.ts';
import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import { storeSettings, type S3Access } from '../../knative/local/storage.ts';
import { MANIFEST_FILE } from '../../models/loader/package-schema.ts';
import { publishModel } from '../models/publish-model.ts';

/** Where packages come from and go to. */
export interface PackagesOptions {
  /** Folder with one package per folder; folders without `model.json` are none. */
  readonly modelsDir: string;
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
    for (const name of (await readdir(options.modelsDir)).toSorted()) {
      const dir = join(options.modelsDir, name);
      if (!existsSync(join(dir, MANIFEST_FILE))) continue;
      await publishModel({ store, dir });
    }
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
