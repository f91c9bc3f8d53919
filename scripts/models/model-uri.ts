import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MANIFEST_FILE } from '../../models/loader/package-schema.ts';
import type { ModelManifest } from '../../models/loader/package-schema.ts';
import { parseManifest } from '../../models/loader/parse-package.ts';

/** Tenant whose models everybody may read. */
export const SHARED_TENANT = '_shared';

/** Where a version of a model is published, below its bucket: `_shared/iris/1`. */
export function packagePrefix(
  tenant: string,
  { name, version }: Pick<ModelManifest, 'name' | 'version'>,
): string {
  return `${tenant}/${name}/${version}`;
}

/**
 * The manifest of the package in `folder`, and its bytes.
 * @throws {ModelLoadError} Permanent, when it is not valid.
 */
export async function readManifest(
  folder: string,
): Promise<{ manifest: ModelManifest; bytes: Buffer }> {
  const bytes = await readFile(join(folder, MANIFEST_FILE));
  return { manifest: parseManifest(`file:${folder}`, bytes), bytes };
}
