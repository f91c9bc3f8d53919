import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MANIFEST_FILE, modelManifest } from '../../../models/loader/package-schema.ts';
import type { ModelManifest, PackageFile } from '../../../models/loader/package-schema.ts';

/** A file of a package that is about to be written. */
export interface NewFile extends Pick<PackageFile, 'name' | 'role'> {
  readonly bytes: Buffer;
}

/**
 * Writes a package into `<folder>/<name>` in one step: who looks sees all of it, or what was there before.
 * @returns Its folder, and its digest.
 * @throws {Error} When it cannot be written; nothing is there then.
 */
export async function writePackage(
  folder: string,
  manifest: Omit<ModelManifest, 'files'>,
  files: readonly NewFile[],
): Promise<{ readonly dir: string; readonly digest: string }> {
  const listed = files.map(({ name, role, bytes }) => ({
    name,
    role,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size_bytes: bytes.length,
  }));
  const whole = modelManifest.parse({ ...manifest, files: listed });
  const text = Buffer.from(`${JSON.stringify(whole, undefined, 2)}\n`);
  const dir = join(folder, manifest.name);
  await mkdir(folder, { recursive: true });
  // Beside its place, where a rename moves it at once.
  const work = await mkdtemp(join(folder, `.${manifest.name}-`));
  try {
    const fresh = join(work, 'new');
    await mkdir(fresh);
    for (const { name, bytes } of files) await writeFile(join(fresh, name), bytes);
    await writeFile(join(fresh, MANIFEST_FILE), text);
    if (existsSync(dir)) await rename(dir, join(work, 'old'));
    await rename(fresh, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { dir, digest: createHash('sha256').update(text).digest('hex') };
}
