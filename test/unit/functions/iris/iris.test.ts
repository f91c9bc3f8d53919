import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { iris } from '../../../../functions/iris/index.ts';
import { irisPredictions } from '../../../../functions/iris/postprocess.ts';
import { irisFeatures } from '../../../../functions/iris/preprocess.ts';
import { irisInstance, irisPrediction } from '../../../../functions/iris/request.ts';
import type { TensorMap } from '../../../../functions/runtime/tensor.ts';
import { toTensor } from '../../../../models/loader/golden.ts';
import { goldenRows, readGolden } from '../../../support/golden.ts';

const golden = readGolden();
const labels = ['setosa', 'versicolor', 'virginica'];

const tensors = (list: Parameters<typeof toTensor>[0][]): TensorMap =>
  Object.fromEntries(list.map((tensor) => [tensor.name, toTensor(tensor)]));

describe('iris', () => {
  it('turns every golden instance into the numbers that the model was given', () => {
    for (const { inputs, instances = [] } of golden.cases) {
      const parsed = instances.map((instance) => irisInstance.parse(instance));

      expect(irisFeatures(parsed)).toEqual(tensors(inputs));
    }
  });

  it('turns every golden output into its prediction', () => {
    for (const { outputs, predictions = [] } of golden.cases) {
      const ours = irisPredictions(tensors(outputs), { labels });

      expect(ours).toHaveLength(predictions.length);
      for (const [row, prediction] of ours.entries()) {
        const theirs = irisPrediction.parse(predictions[row]);
        expect(prediction.prediction).toBe(theirs.prediction);
        expect(prediction.confidence).toBeCloseTo(theirs.confidence, 5);
      }
    }
  });

  it('has golden rows of every species', () => {
    const species = goldenRows(golden).map(({ prediction }) => prediction.prediction);

    expect([...new Set(species)].toSorted()).toEqual(labels);
  });

  it('never answers a probability above 1, which sums of floats can give', () => {
    const [prediction] = irisPredictions(
      {
        probabilities: { datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1.0000001, 0, 0) },
      },
      { labels },
    );

    expect(prediction).toMatchObject({ confidence: 1, probabilities: { setosa: 1 } });
    expect(() => irisPrediction.parse(prediction)).not.toThrow();
  });

  it('takes the first of two equal classes, as scikit-learn does', () => {
    const [prediction] = irisPredictions(
      { probabilities: { datatype: 'FP32', shape: [1, 3], data: Float32Array.of(0, 0.5, 0.5) } },
      { labels },
    );

    expect(prediction?.prediction).toBe('versicolor');
  });

  it('has a sample that is a valid request', () => {
    const path = join(import.meta.dirname, '../../../../functions/iris/sample.json');
    const sample: unknown = JSON.parse(readFileSync(path, 'utf8'));

    expect(iris.request.safeParse(sample).success).toBe(true);
  });

  it.each([0, 100])('takes a length of %d cm, the ends of its range', (length) => {
    const instance = { sepal_length: length, sepal_width: 1, petal_length: 1, petal_width: 1 };

    expect(irisInstance.safeParse(instance).success).toBe(true);
  });
});
