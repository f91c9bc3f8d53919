import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import * as z from 'zod';

import { startFunction } from '../../support/start-function.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const EXPORT_TIMEOUT_MS = 300_000;

const goldenPrediction = z.object({
  label: z.string(),
  index: z.int(),
  score: z.number(),
});

const golden = z.object({
  cases: z.tuple(
    [
      z.object({
        instances: z.tuple([z.object({ image: z.base64() })]),
        predictions: z.tuple([z.object({ predictions: z.array(goldenPrediction) })]),
      }),
    ],
    z.unknown(),
  ),
});

/** torch is gigabytes: it is not installed for a test, but taken where somebody has it. */
const NO_TORCH =
  'Set TORCH_PYTHON to a Python with models/image/train/requirements.txt to test the exporter.';

it(
  "serves torchvision's MobileNetV2 of 1000 classes as its exporter writes it",
  async (context: TestContext) => {
    const python = process.env['TORCH_PYTHON'];
    if (python === undefined) context.skip(NO_TORCH);
    const dir = await mkdtemp(join(tmpdir(), 'pilotlight-export-'));
    context.onTestFinished(() => rm(dir, { recursive: true }));
    const script = join(ROOT, 'models/image/train/export.py');
    await run(python, [script, '--random', '7', '--out', dir]);
    const { cases } = golden.parse(JSON.parse(await readFile(join(dir, 'golden.json'), 'utf8')));

    const server = await startFunction({
      env: { FUNCTION_TARGET: 'image', MODEL_URI: `file:${dir}` },
    });
    context.onTestFinished(async () => void (await server.stop()));
    const answer = await fetch(`${server.url}/predict?top_k=1000`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: Buffer.from(cases[0].instances[0].image, 'base64'),
    });
    const { predictions } = (await answer.json()) as {
      predictions: z.infer<typeof goldenPrediction>[];
    };

    expect(predictions).toHaveLength(1000);
    for (const [place, theirs] of cases[0].predictions[0].predictions.entries()) {
      const ours = predictions[place];
      expect([ours?.label, ours?.index]).toEqual([theirs.label, theirs.index]);
      expect(Math.abs((ours?.score ?? NaN) - theirs.score)).toBeLessThan(
        1e-4 + 1e-3 * theirs.score,
      );
    }
  },
  EXPORT_TIMEOUT_MS,
);
