import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** What a build was made from: path, relative to the project, to sha256. */
export type Inputs = Readonly<Record<string, string>>;

/** Name of the file in a built function's folder that holds its {@link Inputs}. */
export const INPUTS_FILE = 'inputs.json';

/**
 * The content hashes of `paths` (absolute).
 * @throws {Error} When one cannot be read.
 */
export async function hashInputs(root: string, paths: readonly string[]): Promise<Inputs> {
  const entries: [string, string][] = [];
  // One after the other: a thousand open files are more than some systems allow.
  for (const path of paths) entries.push([relative(root, path), await sha256(path)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether the build in `dir` was made by this Node from files that are still the same.
 * @param node What `build.json` must say of the Node that made it.
 */
export async function isFresh(root: string, dir: string, node: string): Promise<boolean> {
  try {
    const facts = JSON.parse(await readFile(join(dir, 'build.json'), 'utf8')) as { node?: unknown };
    if (facts.node !== node) return false;
    const inputs = JSON.parse(await readFile(join(dir, INPUTS_FILE), 'utf8')) as Inputs;
    const now = await hashInputs(
      root,
      Object.keys(inputs).map((path) => join(root, path)),
    );
    return Object.entries(inputs).every(([path, hash]) => now[path] === hash);
  } catch {
    // No build, half a build, or an input is gone.
    return false;
  }
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
