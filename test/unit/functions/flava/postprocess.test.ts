import { expect, it } from 'vitest';

import { flavaPredictions } from '../../../../functions/flava/postprocess.ts';

const labels = ['mismatch', 'match'];

it('gives the softmax of each row, and the label of its largest logit', () => {
  const data = Float32Array.of(0, Math.log(3), 5, -5);

  const [first, second] = flavaPredictions(
    { logits: { datatype: 'FP32', shape: [2, 2], data } },
    { labels },
  );

  expect(first?.label).toBe('match');
  expect(first?.scores[1]).toBeCloseTo(0.75, 6);
  expect(second?.label).toBe('mismatch');
  expect(second?.logits).toEqual([5, -5]);
});

it('takes the first of equals, and logits too large for an exponential', () => {
  const data = Float32Array.of(1, 1, 1000, 2000);

  const predictions = flavaPredictions(
    { logits: { datatype: 'FP32', shape: [2, 2], data } },
    { labels },
  );

  expect(predictions.map(({ label, scores }) => [label, scores])).toEqual([
    ['mismatch', [0.5, 0.5]],
    ['match', [0, 1]],
  ]);
});
