import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { startFunction } from '../../support/start-function.ts';

interface HeldOut {
  readonly texts: readonly string[];
  readonly pictures: readonly { readonly file: string; readonly caption: number }[];
}

const FOLDER =
  process.env['CLIP_HOLDOUT'] ?? join(import.meta.dirname, '../../fixtures/clip-holdout');
/** The smallest share of pictures whose own caption must come first, among all captions. */
const BAR = 0.7;

it('finds the caption of pictures with pairs of colour and shape that training never showed', async ({
  onTestFinished,
}) => {
  const { texts, pictures } = JSON.parse(
    await readFile(join(FOLDER, 'holdout.json'), 'utf8'),
  ) as HeldOut;
  const server = await startFunction({
    env: { FUNCTION_TARGET: 'clip', MODEL_URI: 'file:models/clip' },
  });
  onTestFinished(async () => void (await server.stop()));

  let right = 0;
  for (const { file, caption } of pictures) {
    const form = new FormData();
    form.append('image', new Blob([await readFile(join(FOLDER, file))]), file);
    for (const text of texts) form.append('text', text);
    const answer = await fetch(`${server.url}/infer`, { method: 'POST', body: form });
    const { output } = (await answer.json()) as { output: { similarities: number[] } };
    expect(output.similarities).toHaveLength(texts.length);
    if (output.similarities.indexOf(Math.max(...output.similarities)) === caption) right += 1;
  }

  expect(new Set(texts).size).toBe(texts.length);
  expect(right / pictures.length).toBeGreaterThanOrEqual(BAR);
});
