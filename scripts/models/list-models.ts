import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { MANIFEST_FILE } from '../../models/loader/package-schema.ts';
import { parseManifest } from '../../models/loader/parse-package.ts';
import type { PackageFolder } from './package-folders.ts';
import { textTable } from './text-table.ts';

/** One version of a model, and where it is. */
export interface ListedModel {
  readonly name: string;
  readonly version: number;
  /** The function that serves it. */
  readonly function: string;
  /** Rows of one run; absent when requests run one by one. */
  readonly max_rows?: number;
  readonly execution: 'inline' | 'worker';
  /** `sha256:…` of its `model.json`. */
  readonly digest: string;
  /** A folder, or `s3://…`. */
  readonly where: string;
}

/** The longest `model.json` that is read from a bucket. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * The models on this machine.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function modelsHere(packages: readonly PackageFolder[]): Promise<ListedModel[]> {
  return Promise.all(
    packages.map(async ({ dir }) => listed(dir, await readFile(join(dir, MANIFEST_FILE)))),
  );
}

/**
 * Every published version below a tenant's prefix.
 * @throws {ObjectStoreError} When the bucket cannot be read.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function modelsPublished(store: ObjectStore, tenant: string): Promise<ListedModel[]> {
  const found: ListedModel[] = [];
  for await (const { key } of store.list({ prefix: `${tenant}/` })) {
    const [prefix] = /^[^/]+\/[^/]+\/\d+(?=\/model\.json$)/.exec(key) ?? [];
    if (prefix === undefined) continue;
    const { bytes } = await store.getBytes(key, { maxBytes: MAX_MANIFEST_BYTES });
    found.push(listed(`s3://${store.bucket}/${prefix}`, bytes));
  }
  return found;
}

function listed(where: string, bytes: Buffer): ListedModel {
  const manifest = parseManifest(where, bytes);
  const { name, version, batch, execution } = manifest;
  return {
    name,
    version,
    function: manifest.function ?? name,
    ...(batch === undefined ? {} : { max_rows: batch.max_rows }),
    execution,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    where,
  };
}

/** The same for people. */
export function listText(models: readonly ListedModel[]): string {
  if (models.length === 0) return 'There are no models.\n';
  const rows = models.map((model) => [
    model.name,
    String(model.version),
    model.function,
    model.max_rows === undefined ? 'one by one' : String(model.max_rows),
    model.execution,
    model.digest.slice(0, 'sha256:'.length + 12),
    model.where,
  ]);
  return textTable([
    ['NAME', 'VERSION', 'FUNCTION', 'ROWS A RUN', 'EXECUTION', 'DIGEST', 'WHERE'],
    ...rows,
  ]);
}
