import { globSync } from 'node:fs';
import { join } from 'node:path';

import { transform, type Plugin } from 'esbuild';

const FOLDER = join(import.meta.dirname, '../../../functions/serving/protocols/page');

/** Puts the page's script and style, minified, where the sources read and join their files. */
export function pageAssets(): Plugin {
  return {
    name: 'page-assets',
    setup(build) {
      build.onLoad({ filter: /[\\/]protocols[\\/]page[\\/]assets\.ts$/ }, async () => {
        // Only here: joining the sources takes what Node still calls experimental, and says so.
        const { readAssets } = await import('../../../functions/serving/protocols/page/assets.ts');
        const assets = readAssets();
        const [script, style] = await Promise.all([
          transform(assets.script, { loader: 'js', minify: true, charset: 'ascii' }),
          transform(assets.style, { loader: 'css', minify: true, charset: 'ascii' }),
        ]);
        const text = JSON.stringify({ script: script.code, style: style.code });
        return { loader: 'js', contents: `export const readAssets = () => (${text});` };
      });
    },
  };
}

/** Absolute paths of what {@link pageAssets} reads, which no bundle names among its inputs. */
export function pageSources(): string[] {
  return globSync(['assets.ts', 'browser/*'], { cwd: FOLDER }).map((path) => join(FOLDER, path));
}
