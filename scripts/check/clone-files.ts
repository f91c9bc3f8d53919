import { globSync, readFileSync } from 'node:fs';
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
  return globSync('**/*', {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => IGNORED.has(entry.name),
  })
    .filter((entry) => entry.isFile() && !BINARY.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({
      path: path.slice(root.length + 1).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }));
}
