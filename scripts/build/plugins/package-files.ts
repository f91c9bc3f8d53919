import { readFileSync } from 'node:fs';

import type { Plugin } from 'esbuild';

import { rewriteBindingPath } from './native-binding.ts';
import { packageOf } from './package-of.ts';

/**
 * Goes before a bundle's own code: the global set of `name@version`, and the function that every file of
 * a package calls.
 */
export const PACKAGE_RECORDER =
  'var __pilotlightSeen=globalThis.__pilotlightPackages??=new Set;' +
  'function __pilotlightLoad(id){__pilotlightSeen.add(id)}';

/**
 * Loads the files of installed packages with the two changes that a bundle needs: ONNX Runtime's binding
 * comes from `dist/native/`, and a package whose code runs says so in `globalThis.__pilotlightPackages`.
 * What is bundled but never runs is not in that set.
 * @param record Default true; false leaves the second change out.
 */
export function packageFiles({ record = true } = {}): Plugin {
  return {
    name: 'package-files',
    setup(build) {
      build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => {
        // Synchronous: esbuild asks for a thousand files at once, more than some systems let us open.
        const source = rewriteBindingPath(path, readFileSync(path, 'utf8'));
        if (!record) return { loader: 'js', contents: source };
        const { name, version } = packageOf(path);
        return { loader: 'js', contents: withRecord(source, `${name}@${version}`) };
      });
    },
  };
}

/**
 * The module with one more statement. It goes to the end, where it cannot push `"use strict"` out of its
 * place, and on a line of its own, as the last line may be a comment.
 */
export function withRecord(source: string, id: string): string {
  return `${source}\n;__pilotlightLoad(${JSON.stringify(id)});\n`;
}
