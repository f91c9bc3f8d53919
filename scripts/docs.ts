/** `npm run docs`: writes the pages that are generated from the code. `npm run check` compares them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PAGES } from './docs/pages.ts';

const root = join(import.meta.dirname, '..');
for (const [path, render] of PAGES) {
  writeFileSync(join(root, path), render());
  process.stdout.write(`${path}\n`);
}
