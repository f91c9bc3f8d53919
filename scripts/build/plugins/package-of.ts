import { readFile } from 'node:fs/promises';

/** An installed package. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

const known = new Map<string, Promise<InstalledPackage>>();

/**
 * The package that a file below `node_modules` belongs to.
 * @throws {Error} When the path is in no package, or its `package.json` has no version.
 */
export function packageOf(path: string): Promise<InstalledPackage> {
  const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(path);
  const folder = match?.[1];
  if (folder === undefined) throw new Error(`Not a file of an installed package: ${path}`);
  const found = known.get(folder) ?? readPackage(folder);
  known.set(folder, found);
  return found;
}

async function readPackage(folder: string): Promise<InstalledPackage> {
  const text = await readFile(`${folder}/package.json`, 'utf8');
  const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new Error(`${folder}/package.json has no name or no version`);
  }
  return { name, version };
}
