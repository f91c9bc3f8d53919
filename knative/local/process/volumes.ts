import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Mount } from '../manifests/read-services.ts';

/** A secret's files: name → content. */
export type SecretFiles = Readonly<Record<string, string>>;

/** Folders that stand in for the volumes of one process. */
export interface Volumes {
  readonly folders: ReadonlyMap<string, string>;
  /** Removes them with everything in them. */
  remove(): Promise<void>;
}

/**
 * Makes the folders for `mounts` below `dir`, which must not exist yet. Readable by this user only.
 * @throws {Error} When a mount needs a secret that is not in `secrets`.
 */
export async function createVolumes(
  dir: string,
  mounts: readonly Mount[],
  secrets: ReadonlyMap<string, SecretFiles>,
): Promise<Volumes> {
  const folders = new Map<string, string>();
  for (const [index, { mountPath, content }] of mounts.entries()) {
    const folder = join(dir, `${index}${mountPath.replaceAll('/', '-')}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (content.kind === 'secret') {
      const files = secrets.get(content.name);
      if (files === undefined) throw new Error(`There is no secret ${content.name} locally`);
      for (const [name, value] of Object.entries(files)) {
        await writeFile(join(folder, name), value, { mode: 0o400 });
      }
    }
    folders.set(mountPath, folder);
  }
  return { folders, remove: () => rm(dir, { recursive: true, force: true }) };
}
