import { readFileSync } from 'node:fs';

/** An installed package. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

const known = new Map<string, InstalledPackage>();

/**
 * The package that a file below `node_modules` belongs to.
 * @throws {Error} When the path is in no package, or its `package.json` has no version.
 */
export function packageOf(path: string): InstalledPackage {
  const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(path);
  const folder = match?.[1];
  if (folder === undefined) throw new Error(`Not a file of an installed package: ${path}`);
  const found = known.get(folder) ?? readPackage(folder);
  known.set(folder, found);
  return found;
}

function readPackage(folder: string): InstalledPackage {
  const text = readFileSync(`${folder}/package.json`, 'utf8');
  const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new Error(`${folder}/package.json has no name or no version`);
  }
  return { name, version };
}
