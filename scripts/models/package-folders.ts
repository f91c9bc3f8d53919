import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { MANIFEST_FILE } from '../../models/loader/package-schema.ts';

/** A package on this machine. */
export interface PackageFolder {
  /** Of the folder; its manifest has the same. */
  readonly name: string;
  readonly dir: string;
}

/**
 * Where model packages are: `models/` of the clone, and before it the folder that `PILOTLIGHT_MODELS` names.
 * The first one gets what is imported.
 */
export function modelFolders(root: string, env: NodeJS.ProcessEnv): readonly string[] {
  const { PILOTLIGHT_MODELS: own } = env;
  const clone = join(root, 'models');
  return own === undefined || own === '' ? [clone] : [own, clone];
}

/** Every package in these folders, by name; of two with the same name the first. */
export async function findPackages(folders: readonly string[]): Promise<PackageFolder[]> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    // An own folder is made by the first import.
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names) {
      const dir = join(folder, name);
      if (!found.has(name) && existsSync(join(dir, MANIFEST_FILE))) found.set(name, dir);
    }
  }
  return [...found]
    .map(([name, dir]) => ({ name, dir }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
