import { resolve } from 'node:path';

import type { Plugin } from 'esbuild';

/** A module that a first prediction does without: it and all that it imports go into a file of their own. */
export interface Part {
  /** Beside `main.cjs`, with that ending too. */
  readonly file: string;
  /** A package by its name, or the absolute path of a module. */
  readonly entry: string;
  /** Whether only `import()` goes there: what a module imports at once is needed at once. @default false */
  readonly onlyLazy?: boolean;
  /** Plugins for its bundle. */
  readonly plugins?: readonly Plugin[];
}

/** Leaves the imports of `parts` out of a bundle: they become a `require` of their files. */
export function setApart(parts: readonly Part[]): Plugin {
  return {
    name: 'set-apart',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined;
        const target = path.startsWith('.') ? resolve(resolveDir, path) : path;
        const part = parts.find(
          ({ entry, onlyLazy }) =>
            entry === target && (onlyLazy !== true || kind === 'dynamic-import'),
        );
        return part && { path: `./${part.file}`, external: true };
      });
    },
  };
}
