import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { json, post } from '../../../support/http-client.ts';
import { startFunction } from '../../../support/start-function.ts';

/** What `models/text/train/holdout.py --seed N --out DIR` writes. */
interface Holdout {
  readonly instances: readonly { readonly text: string }[];
  readonly labels: readonly string[];
}

// Seed 2026 with 60 letters a topic; any other set can be named.
const path =
  process.env['TEXT_HOLDOUT'] ?? join(import.meta.dirname, '../../../fixtures/text/holdout.json');

it('text reaches a macro-F1 of 0.85 over HTTP on letters that it has not learned from', async () => {
  const { instances, labels } = JSON.parse(readFileSync(path, 'utf8')) as Holdout;
  const server = await startFunction({
    env: { FUNCTION_TARGET: 'text', MODEL_URI: 'file:models/text' },
  });
  onTestFinished(async () => void (await server.stop()));

  const predicted: string[] = [];
  for (let start = 0; start < instances.length; start += 1000) {
    const body = { instances: instances.slice(start, start + 1000) };
    const answer = await post(`${server.url}/predict`, body);
    expect(answer.status).toBe(200);
    const { predictions } = json<{ predictions: { prediction: string }[] }>(answer);
    predicted.push(...predictions.map(({ prediction }) => prediction));
  }

  expect(predicted).toHaveLength(labels.length);
  expect(new Set(labels).size).toBe(6);
  const reached = macroF1(labels, predicted);
  if (process.env['TEXT_HOLDOUT'] !== undefined) console.log(`macro-F1 ${reached.toFixed(4)}`);
  expect(reached).toBeGreaterThanOrEqual(0.85);
});

function macroF1(truth: readonly string[], predicted: readonly string[]): number {
  const classes = [...new Set(truth)];
  const scores = classes.map((name) => {
    const hits = truth.filter((label, row) => label === name && predicted[row] === name).length;
    const told = predicted.filter((label) => label === name).length;
    const real = truth.filter((label) => label === name).length;
    return (2 * hits) / (told + real);
  });
  return scores.reduce((sum, score) => sum + score, 0) / classes.length;
}
