import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { importModel } from '../../../scripts/models/import/import-model.ts';
import { startProduct, type RunningProduct } from '../../docs/support/running-product.ts';
import { NO_PYTHON, pythonVenv } from '../../support/python.ts';
import { CLIENT_TIMEOUT_MS } from './support.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');

/** Of different exporters and types; with a batch axis and without. */
const MODELS = [
  'sklearn-classifier',
  'sklearn-texts',
  'torch-tokens',
  'torch-half',
  'scalars',
  'loop',
  'branch',
  'differing',
  'texts',
];

let folder: string;
let product: RunningProduct;
let router: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-imported-'));
  for (const name of MODELS) {
    await importModel({
      file: join(ROOT, 'test/fixtures/imports', `${name}.onnx`),
      name,
      version: 1,
      golden: undefined,
      labels: undefined,
      description: undefined,
      licence: undefined,
      tolerance: undefined,
      root: ROOT,
      folders: [folder],
    });
  }
  product = await startProduct({ PILOTLIGHT_MODELS: folder });
  router = product.here('127.0.0.1:8080');
}, CLIENT_TIMEOUT_MS);

afterAll(async () => {
  await product.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(program: string, requirements: string, context: TestContext): Promise<unknown> {
  const python = await pythonVenv(join(import.meta.dirname, requirements));
  if (python === undefined) context.skip(NO_PYTHON);
  // Nothing of the tests' own environment: a proxy that it names would be asked for 127.0.0.1.
  const env = { PATH: process.env['PATH'] };
  const { stdout } = await run(python, [join(import.meta.dirname, program), router], { env });
  return JSON.parse(stdout) as unknown;
}

it(
  'npm start serves imported models to tritonclient',
  async (context) => {
    const found = await ask('imported_triton.py', 'tritonclient-requirements.txt', context);

    const anyNumber = expect.any(Number) as unknown;
    expect(found).toEqual({
      'sklearn-classifier': {
        label: ['setosa', 'virginica'],
        probabilities: Array.from({ length: 6 }, () => anyNumber),
      },
      'torch-tokens': { logits: Array.from({ length: 4 }, () => anyNumber) },
      'torch-half': { score: [anyNumber, anyNumber, anyNumber] },
      scalars: { product: [42] },
      loop: { y: [8, 16] },
      branch: { y: [-1, 2, -3] },
      differing: { y: [1, 1, 1, 1, 1, 1] },
      texts: { joined: ['ab', 'é🚀'] },
    });
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'npm start serves imported models to KServe’s client',
  async (context) => {
    const found = await ask('imported_kserve.py', 'kserve-requirements.txt', context);

    const anyNumber = expect.any(Number) as unknown;
    expect(found).toEqual({
      'sklearn-classifier': ['setosa', 'virginica'].map((label) => ({
        label,
        probabilities: [anyNumber, anyNumber, anyNumber],
      })),
      'sklearn-texts': [{ label: anyNumber, probabilities: [anyNumber, anyNumber] }],
      scalars: [42, 6],
      branch: [[-1, 2], [3]],
      texts: ['ab'],
    });
  },
  CLIENT_TIMEOUT_MS,
);

it('has no typed routes for them, and says what it serves', async () => {
  const at = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://${router}/scalars${path}`, init);

  const predict = await at('/predict', { method: 'POST', body: '{}' });
  const document = await (await at('/openapi.json')).json();
  const info = await (await at('/info')).json();

  expect([predict.status, await predict.json()]).toMatchObject([
    404,
    { error: { code: 'NOT_FOUND' } },
  ]);
  expect(Object.keys((document as { paths: object }).paths)).not.toContain('/predict');
  expect(Object.keys((document as { paths: object }).paths)).toContain('/v2/models/{model}/infer');
  expect(info).toMatchObject({
    service: { function: 'model' },
    model: { name: 'scalars', version: '1', task: 'inference' },
  });
});
