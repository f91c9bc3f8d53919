import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { text } from '../../../../functions/text/index.ts';
import { textPredictions } from '../../../../functions/text/postprocess.ts';
import { textFeatures, vectorizerOf } from '../../../../functions/text/preprocess.ts';
import { textInstance, textPrediction } from '../../../../functions/text/request.ts';
import type { TensorMap } from '../../../../functions/runtime/tensor.ts';
import { toTensor } from '../../../../models/loader/golden.ts';
import { goldenFile, modelManifest } from '../../../../models/loader/package-schema.ts';

const FOLDER = join(import.meta.dirname, '../../../../models/text');
const read = (name: string): Buffer => readFileSync(join(FOLDER, name));
const golden = goldenFile.parse(JSON.parse(String(read('golden.json'))));
const manifest = modelManifest.parse(JSON.parse(String(read('model.json'))));
const labels = JSON.parse(String(read('labels.json'))) as string[];
const model = { manifest, assets: new Map([['vocabulary.json', read('vocabulary.json')]]) };

const tensors = (list: Parameters<typeof toTensor>[0][]): TensorMap =>
  Object.fromEntries(list.map((tensor) => [tensor.name, toTensor(tensor)]));

describe('text', () => {
  it('turns every golden letter into the very numbers that scikit-learn gives', async () => {
    for (const { inputs, instances = [] } of golden.cases) {
      const parsed = instances.map((instance) => textInstance.parse(instance));

      expect(await textFeatures(parsed, model)).toEqual(tensors(inputs));
    }
  });

  it('turns every golden output into its prediction', () => {
    for (const { outputs, predictions = [] } of golden.cases) {
      const ours = textPredictions(tensors(outputs), { labels });

      expect(ours).toHaveLength(predictions.length);
      for (const [row, prediction] of ours.entries()) {
        const theirs = textPrediction.parse(predictions[row]);
        expect(prediction.prediction).toBe(theirs.prediction);
        expect(prediction.confidence).toBeCloseTo(theirs.confidence, 5);
        expect(Object.keys(prediction.probabilities)).toEqual(labels);
      }
    }
  });

  it('takes the first of two equal topics, and never answers more than 1', () => {
    const data = Float32Array.of(0, 0.5, 0.5, 0, 0, 0, 1.0000001, 0, 0, 0, 0, 0);
    const [tie, sure] = textPredictions(
      { probabilities: { datatype: 'FP32', shape: [2, 6], data } },
      { labels },
    );

    expect(tie).toMatchObject({ prediction: labels[1], confidence: 0.5 });
    expect(sure).toMatchObject({ prediction: labels[0], confidence: 1 });
  });

  it('gives other work its turn between long letters', async () => {
    const long = { text: 'reset my password '.repeat(10_000) };
    let finished = false;
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (!finished) setImmediate(count);
    };
    setImmediate(count);

    await textFeatures([long, long, long, long], model);
    finished = true;

    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['an empty text', { text: '' }, true],
    ['1,048,576 characters', { text: 'x'.repeat(1_048_576) }, true],
    ['one more', { text: 'x'.repeat(1_048_577) }, false],
    ['a number', { text: 1 }, false],
    ['no text', {}, false],
    ['a list', { text: ['x'] }, false],
    ['another key', { text: 'x', language: 'en' }, false],
  ])('with %s for a request', (_, instance, valid) => {
    expect(textInstance.safeParse(instance).success).toBe(valid);
  });

  it('takes 1,000 letters and no more', async () => {
    const letters = (count: number) => Array.from({ length: count }, () => ({ text: '' }));

    const { features } = await textFeatures(letters(1000), model);

    expect(features?.shape).toEqual([1000, 4096]);
    await expect(textFeatures(letters(1001), model)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('has a sample that is a valid request', () => {
    const path = join(import.meta.dirname, '../../../../functions/text/sample.json');

    expect(text.request.safeParse(JSON.parse(readFileSync(path, 'utf8'))).success).toBe(true);
  });

  it.each<[string, Parameters<typeof vectorizerOf>[0], string]>([
    ['no vocabulary', { ...model, assets: new Map() }, 'the package has no vocabulary.json'],
    [
      'a vocabulary of another width',
      {
        ...model,
        manifest: {
          ...manifest,
          inputs: manifest.inputs.map((input) => ({ ...input, shape: ['batch', 7] })),
        },
        // Other bytes: what was read from the first ones is kept.
        assets: new Map([['vocabulary.json', read('vocabulary.json')]]),
      },
      'has 4096 terms, the graph takes 7',
    ],
  ])('refuses a package with %s', (_, broken, message) => {
    expect(() => vectorizerOf(broken)).toThrow(message);
  });
});
