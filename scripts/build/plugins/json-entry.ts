import { readFileSync } from 'node:fs';

import type { Plugin } from 'esbuild';

/** A JSON file as the entry of a bundle is what that bundle exports: esbuild 0.28.2 by itself exports nothing then. */
export function jsonEntry(path: string): Plugin {
  return {
    name: 'json-entry',
    setup(build) {
      build.onLoad({ filter: /\.json$/ }, (file) => {
        if (file.path !== path) return undefined;
        return { loader: 'js', contents: `module.exports = ${readFileSync(path, 'utf8')}` };
      });
    },
  };
}
