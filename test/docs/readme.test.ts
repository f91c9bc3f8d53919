import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROUTE_FUNCTIONS } from '../../functions/catalogue.ts';
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

/** What is served from the next start on: done before it. */
const isBeforeStart = (script: string): boolean => script.startsWith('npm run models -- import ');

let product: RunningProduct | undefined;
/** Gets what the examples import, so that the clone stays as it is. */
let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'pilotlight-readme-models-'));
  for (const { script } of EXAMPLES.filter((example) => isBeforeStart(example.script))) {
    await runExample(script);
  }
  product = await startProduct({ PILOTLIGHT_MODELS: models });
}, 300_000);
afterAll(async () => {
  await product?.stop();
  await rm(models, { recursive: true, force: true });
});

/** @throws {Error} When it ends with another code than 0; its message has what it printed. */
async function runExample(script: string): Promise<string> {
  const env = {
    ...process.env,
    PILOTLIGHT_MODELS: models,
    BATCH_URL: product?.here('http://localhost:8080/batch'),
  };
  return (await run('sh', ['-euc', script], { cwd: ROOT, env })).stdout;
}

test('the README has at least three examples to copy', () => {
  expect(examplesOf(readPage('README.md')).length).toBeGreaterThanOrEqual(3);
});

test.each(EXAMPLES.filter(({ script }) => !isBeforeStart(script)))(
  '$where does what the page says',
  async (example) => {
    const stdout = await runExample(product?.here(example.script) ?? '');

    expect(outputFaults(example, stdout)).toEqual([]);
  },
);

test('Ctrl-C ends it in order', async () => {
  expect(await product?.stop()).toBe(0);
});

test('every function has a page, and the sample that it is tried with', () => {
  const functions = globSync('functions/*/index.ts', { cwd: ROOT });

  expect(functions).not.toEqual([]);
  for (const path of functions) {
    const name = path.split('/')[1] ?? '';
    // The generic function has no typed requests, and so no sample; nor have those without a model.
    const hasSample = name !== 'model' && !Object.hasOwn(ROUTE_FUNCTIONS, name);
    const files = hasSample ? ['README.md', 'sample.json'] : ['README.md'];
    for (const file of files) {
      const beside = path.replace('index.ts', file);
      expect(existsSync(join(ROOT, beside)), beside).toBe(true);
    }
  }
});
