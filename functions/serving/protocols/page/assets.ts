import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'browser');

/** The modules of the script, each after those that it imports. */
const MODULES = [
  'elements',
  'quote-shell',
  'request-of',
  'curl-line',
  'file-input',
  'field-control',
  'bars',
  'quantity',
  'plot',
  'signal-plot',
  'server-timing',
  'show-answer',
  'send-request',
  'show-failure',
  'show-timing',
  'call-panel',
  'tabs',
  'main',
];

/** What the page brings with it, as texts. */
export interface Assets {
  /** One classic script, without types: browsers need no further request, and no bundler is asked. */
  readonly script: string;
  readonly style: string;
}

/**
 * The page's script and style, joined from their sources. The build calls it and puts the texts, minified, in
 * this module's place (scripts/build/plugins/page-assets.ts).
 */
export function readAssets(): Assets {
  return {
    script: `(() => {\n'use strict';\n${MODULES.map(readModule).join('')}})();\n`,
    style: read('page.css'),
  };
}

/** A module in a scope of its own, what it exports outside of it for those below. */
function readModule(name: string): string {
  const code = stripTypeScriptTypes(read(`${name}.ts`)).replaceAll(/^import\s[^;]*;\n/gm, '');
  const exports = [...code.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(
    ([, exported]) => exported,
  );
  const names = `{ ${exports.join(', ')} }`;
  return `const ${names} = (() => {\n${code.replaceAll(/^export /gm, '')}\nreturn ${names};\n})();\n`;
}

function read(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}
