import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type Plugin, transform } from 'esbuild';

/**
 * Lets an entry module that awaits at its top level go into a CommonJS bundle, which has no such thing: its
 * statements move into an async function that is called at once.
 * @param entry Absolute path of the entry, TypeScript, without exports.
 */
export function asyncEntry(entry: string): Plugin {
  return {
    name: 'async-entry',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== entry) return undefined;
        const source = await readFile(path, 'utf8');
        const { code } = await transform(source, { loader: 'ts', sourcefile: path });
        return { contents: inAsyncFunction(code), loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

/** The module with its import statements first and everything else in an async function. */
export function inAsyncFunction(code: string): string {
  const imports: string[] = [];
  const rest = code.replace(/^import\s[^;(]*?["'][^"']+["'];\n/gm, (statement) => {
    imports.push(statement);
    return '';
  });
  return `${imports.join('')}(async () => {\n${rest}})();\n`;
}
