import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import type { Plugin } from 'esbuild';

/** What a module exports besides types. */
const VALUES = /^export (?:abstract )?(?:async )?(?:class|const|function) (\w+)/gm;

/**
 * Modules of `main.cjs` that its parts must not have a copy of, since their classes are compared: `main.cjs` puts
 * them where its parts find them.
 */
export function shareModules(modules: readonly string[]): Plugin {
  return {
    name: 'share-modules',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!modules.includes(path)) return undefined;
        const place = `(globalThis.__pilotlightShared ??= {})[${JSON.stringify(nameOf(path))}]`;
        const itself = `import * as itself from ${JSON.stringify(`./${basename(path)}`)};`;
        return {
          loader: 'ts',
          contents: `${itself}\n${readFileSync(path, 'utf8')}\n${place} = itself;\n`,
        };
      });
    },
  };
}

/** The same modules in a part: what `main.cjs` has put there. */
export function takeModules(modules: readonly string[]): Plugin {
  return {
    name: 'take-modules',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!modules.includes(path)) return undefined;
        const name = JSON.stringify(nameOf(path));
        const names = [...readFileSync(path, 'utf8').matchAll(VALUES)].map(([, value]) => value);
        return {
          loader: 'js',
          contents: `export const { ${names.join(', ')} } = globalThis.__pilotlightShared[${name}];`,
        };
      });
    },
  };
}

function nameOf(path: string): string {
  return `${basename(dirname(path))}/${basename(path, '.ts')}`;
}
