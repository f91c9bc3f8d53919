import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One file of the clone. */
export interface CloneFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Folders that git ignores; none of their content is ours. */
const IGNORED = new Set([
  '.git',
  '.pilotlight',
  '.venv',
  '__pycache__',
  'coverage',
  'dist',
  'node_modules',
]);

/** Files that are bytes, not text. */
const BINARY = /\.(onnx|npy|png|jpe?g|webp|wav|ico)$/;

/** Every text file of the clone, as it stands on the disk now, committed or not; in order of their paths. */
export function readClone(root: string): CloneFile[] {
  return pathsBelow(root, '')
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function pathsBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : pathsBelow(root, path);
    return entry.isFile() && !BINARY.test(entry.name) ? [path] : [];
  });
}
