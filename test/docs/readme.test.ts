import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { examplesOf, outputFaults } from './support/examples.ts';
import { readPage, ROOT } from './support/markdown.ts';
import { startProduct, type RunningProduct } from './support/running-product.ts';

const run = promisify(execFile);

const PAGES = [
  'README.md',
  'docs/PROTOCOLS.md',
  ...globSync('functions/*/README.md', { cwd: ROOT }),
];
const EXAMPLES = PAGES.flatMap((path) =>
  examplesOf(readPage(path)).map((example) => ({ where: `${path}:${example.line}`, ...example })),
);

let product: RunningProduct | undefined;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product?.stop());

test('the README has at least three examples to copy', () => {
  expect(examplesOf(readPage('README.md')).length).toBeGreaterThanOrEqual(3);
});

test.each(EXAMPLES)('$where does what the page says', async (example) => {
  const { stdout } = await run('sh', ['-euc', product?.here(example.script) ?? ''], { cwd: ROOT });

  expect(outputFaults(example, stdout)).toEqual([]);
});

test('Ctrl-C ends it in order', async () => {
  expect(await product?.stop()).toBe(0);
});

test('every function has a page, and the sample that it is tried with', () => {
  const functions = globSync('functions/*/index.ts', { cwd: ROOT });

  expect(functions).not.toEqual([]);
  for (const path of functions) {
    for (const file of ['README.md', 'sample.json']) {
      const beside = path.replace('index.ts', file);
      expect(existsSync(join(ROOT, beside)), beside).toBe(true);
    }
  }
});
