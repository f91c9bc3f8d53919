import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { MANIFEST_FILE, MODEL_NAME } from '../../../models/loader/package-schema.ts';
import { readManifest } from '../model-uri.ts';

/** The name cannot be used; nothing was written. */
export class NameError extends Error {}

/** Where names are looked for. */
export interface NameScope {
  /** The clone. */
  readonly root: string;
  /** Folders of model packages; the first gets new ones. */
  readonly folders: readonly string[];
}

/** Other Services of a cluster that a model's would collide with. */
const PLATFORM = ['minio'];
/** Ends the name of each model's Service for batch jobs. */
const BATCH = '-batch';

/**
 * Sees to it that a model can have this name: it becomes a path, a host name and a Service's.
 * @param version One that is higher than that of an imported model of this name may take its place.
 * @throws {NameError} Saying why not.
 */
export async function checkName(name: string, version: number, scope: NameScope): Promise<void> {
  if (!MODEL_NAME.test(name)) {
    throw new NameError(
      `${JSON.stringify(name)} is no name for a model: small letters, digits and "-", a letter first, at most 63 characters`,
    );
  }
  await refuseOtherPackage(name, version, scope.folders);
  const taken = new Set([...PLATFORM, ...(await functionNames(scope.root))]);
  if (taken.has(name)) throw new NameError(`The name "${name}" is taken: choose another`);
  const first = name.slice(0, -BATCH.length);
  if (name.endsWith(BATCH) && (taken.has(first) || (await isPackage(first, scope.folders)))) {
    throw new NameError(`The name "${name}" is kept for batch jobs of "${first}": choose another`);
  }
}

async function refuseOtherPackage(
  name: string,
  version: number,
  folders: readonly string[],
): Promise<void> {
  const folder = folders.map((one) => join(one, name)).find((one) => existsSync(one));
  if (folder === undefined) return;
  const there = existsSync(join(folder, MANIFEST_FILE))
    ? (await readManifest(folder)).manifest
    : undefined;
  if (there?.function === undefined) {
    throw new NameError(`The name "${name}" is taken: choose another`);
  }
  if (version > there.version) return;
  throw new NameError(
    `The name "${name}" is taken by an imported model, version ${there.version}. To put this file in its ` +
      `place: --version ${there.version + 1}`,
  );
}

async function isPackage(name: string, folders: readonly string[]): Promise<boolean> {
  return folders.some((folder) => existsSync(join(folder, name, MANIFEST_FILE)));
}

/** Every folder of code counts, whether it is a function yet or not. */
async function functionNames(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'functions'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
