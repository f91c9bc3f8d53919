import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNormalise } from '../../../functions/inputs/image/normalise.ts';
import { imagePreprocessing } from '../../../functions/inputs/image/preprocessing.ts';
import { readImage } from '../../../functions/inputs/image/read-image.ts';
import { createTokenizer } from '../../../functions/inputs/tokens/create-tokenizer.ts';
import { stackIds } from '../../../functions/inputs/tokens/stack-ids.ts';
import { expectClose } from '../../support/expect-close.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

/** A randomly initialised FlavaForPreTraining as models/flava/train/export.py packs it: tiny_package.py made it. */
const FOLDER = join(import.meta.dirname, '../../fixtures/flava-tiny');

interface Original {
  readonly texts: readonly string[];
  readonly max_tokens: number;
  readonly input_ids: readonly (readonly number[])[];
  readonly attention_mask: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly picture: string;
    readonly pixel_values: readonly number[];
    readonly logits: readonly (readonly number[])[];
    readonly scores: readonly (readonly number[])[];
  }[];
}

const read = (name: string): Promise<Buffer> => readFile(join(FOLDER, name));
const readJson = async (name: string): Promise<unknown> => JSON.parse(String(await read(name)));

const original = (await readJson('original.json')) as Original;
const { preprocessing } = (await readJson('model.json')) as {
  readonly preprocessing: { readonly image: unknown; readonly text: { readonly pad_id: number } };
};

describe('a package of a published FLAVA', () => {
  let server: RunningFunction;

  beforeAll(async () => {
    server = await startFunction({
      env: { FUNCTION_TARGET: 'flava', MODEL_URI: `file:${FOLDER}` },
    });
  });

  afterAll(() => server.stop());

  it.each(original.cases)('answers as its own head does: $picture', async (theirs) => {
    const image = (await read(theirs.picture)).toString('base64');

    const answer = await fetch(`${server.url}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances: original.texts.map((text) => ({ image, text })) }),
    });

    const { output } = (await answer.json()) as {
      output: { label: string; scores: number[]; logits: number[] }[];
    };
    expect(output).toHaveLength(original.texts.length);
    for (const [row, { label, scores, logits }] of output.entries()) {
      expectClose(logits, theirs.logits[row], 1e-4);
      expectClose(scores, theirs.scores[row], 1e-4);
      expect(label).toBe((logits[0] ?? NaN) > (logits[1] ?? NaN) ? 'mismatch' : 'match');
    }
  });
});

describe('FlavaProcessor', () => {
  it('gives the same ids and mask', async () => {
    const tokenizer = createTokenizer(await read('tokenizer.json'));
    const rows = original.texts.map((text) => tokenizer.encode(text, original.max_tokens));

    const { ids, mask } = stackIds(rows, preprocessing.text.pad_id, original.max_tokens);

    expect(Array.from(ids.data, Number)).toEqual(original.input_ids.flat());
    expect(Array.from(mask.data, Number)).toEqual(original.attention_mask.flat());
  });

  it.each(original.cases)('gives the same pixels: $picture', async (theirs) => {
    const constants = imagePreprocessing.parse(preprocessing.image);
    const pixels = await readImage(await read(theirs.picture), constants);
    const ours = new Float32Array(theirs.pixel_values.length);

    createNormalise(constants)(pixels, ours, 0);

    expectClose([...ours], theirs.pixel_values, 1e-5);
  });
});
