import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNormalise } from '../../../functions/inputs/image/normalise.ts';
import { imagePreprocessing } from '../../../functions/inputs/image/preprocessing.ts';
import { readImage } from '../../../functions/inputs/image/read-image.ts';
import { createTokenizer } from '../../../functions/inputs/tokens/create-tokenizer.ts';
import { expectClose } from '../../support/expect-close.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

/** A randomly initialised CLIPModel as models/clip/train/export.py packs it: tiny_package.py made it. */
const FOLDER = join(import.meta.dirname, '../../fixtures/clip-tiny');

interface Original {
  readonly texts: readonly string[];
  readonly input_ids: readonly (readonly number[])[];
  readonly text_embeddings: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly picture: string;
    readonly pixel_values: readonly number[];
    readonly image_embedding: readonly number[];
    readonly similarities: readonly number[];
    readonly probabilities: readonly number[];
  }[];
}

const read = (name: string): Promise<Buffer> => readFile(join(FOLDER, name));
const readJson = async (name: string): Promise<unknown> => JSON.parse(String(await read(name)));

const original = (await readJson('original.json')) as Original;
const manifest = (await readJson('model.json')) as {
  readonly preprocessing: { readonly image: unknown; readonly text: { readonly pad_id: number } };
};

describe('a package of a published CLIP', () => {
  let server: RunningFunction;

  beforeAll(async () => {
    server = await startFunction({ env: { FUNCTION_TARGET: 'clip', MODEL_URI: `file:${FOLDER}` } });
  });

  afterAll(() => server.stop());

  it.each(original.cases)('answers as CLIPModel: $picture', async (theirs) => {
    const image = (await read(theirs.picture)).toString('base64');

    const answer = await fetch(`${server.url}/infer?embeddings=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image, texts: original.texts }),
    });

    const { output } = (await answer.json()) as { output: Record<string, number[]> };
    expectClose(output['similarities'], theirs.similarities, 1e-4);
    expectClose(output['probabilities'], theirs.probabilities, 1e-4);
    expectClose(output['image_embedding'], theirs.image_embedding, 1e-4);
    const embeddings = output['text_embeddings'] as unknown as number[][];
    expect(embeddings).toHaveLength(original.texts.length);
    for (const [row, text] of original.text_embeddings.entries())
      expectClose(embeddings[row], text, 1e-4);
  });
});

describe('CLIPProcessor', () => {
  it('gives the same ids', async () => {
    const tokenizer = createTokenizer(await read('tokenizer.json'));

    const rows = original.texts.map((text) => tokenizer.encode(text, 77));

    const longest = Math.max(...rows.map((row) => row.length));
    const { pad_id: pad } = manifest.preprocessing.text;
    const padded = rows.map((row) => [...row, ...Array<number>(longest - row.length).fill(pad)]);
    expect(padded).toEqual(original.input_ids);
  });

  it.each(original.cases)('gives the same pixels: $picture', async (theirs) => {
    const preprocessing = imagePreprocessing.parse(manifest.preprocessing.image);
    const pixels = await readImage(await read(theirs.picture), preprocessing);
    const ours = new Float32Array(theirs.pixel_values.length);

    createNormalise(preprocessing)(pixels, ours, 0);

    expectClose([...ours], theirs.pixel_values, 1e-5);
  });
});
