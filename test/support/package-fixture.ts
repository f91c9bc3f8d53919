import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ModelManifest } from '../../models/loader/package-schema.ts';

/** Folder of the iris package in this clone. */
export const IRIS_FOLDER = join(import.meta.dirname, '..', '..', 'models', 'iris');

/** A package in memory: file name to bytes, `model.json` included. */
export type PackageFiles = ReadonlyMap<string, Buffer>;

/** The files of the iris package. */
export async function readIris(): Promise<PackageFiles> {
  const { files } = JSON.parse(
    await readFile(join(IRIS_FOLDER, 'model.json'), 'utf8'),
  ) as ModelManifest;
  const names = ['model.json', ...files.map(({ name }) => name)];
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(IRIS_FOLDER, name))] as const),
    ),
  );
}

/** The package's manifest, as a copy that may be changed. */
export function manifestOf(files: PackageFiles): ModelManifest {
  return JSON.parse(String(files.get('model.json'))) as ModelManifest;
}

/** The package with other files in it, and a manifest that lists them rightly. */
export function withFiles(
  files: PackageFiles,
  changed: Readonly<Record<string, Buffer | string>>,
): PackageFiles {
  const all = new Map([
    ...files,
    ...Object.entries(changed).map(([name, bytes]) => [name, Buffer.from(bytes)] as const),
  ]);
  const manifest = manifestOf(files);
  const listed = manifest.files.map((file) => {
    const bytes = all.get(file.name) ?? Buffer.alloc(0);
    return { ...file, sha256: sha256(bytes), size_bytes: bytes.length };
  });
  return all.set('model.json', Buffer.from(JSON.stringify({ ...manifest, files: listed })));
}

/** The package with one more file, and a manifest that lists it. */
export function withAsset(
  files: PackageFiles,
  name: string,
  role: 'vocabulary' | 'tokenizer',
  content: string,
): PackageFiles {
  const asset = { name, role, sha256: '', size_bytes: 0 };
  const listing = withManifest(files, (own) => ({ ...own, files: [...own.files, asset] }));
  return withFiles(listing, { [name]: content });
}

/** The package with another manifest. */
export function withManifest(
  files: PackageFiles,
  change: (manifest: ModelManifest) => ModelManifest,
): PackageFiles {
  const manifest = Buffer.from(JSON.stringify(change(manifestOf(files))));
  return new Map([...files, ['model.json', manifest]]);
}

/** Hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
