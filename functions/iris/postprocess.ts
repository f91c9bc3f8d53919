import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { IrisPrediction } from './request.ts';

/** Probabilities [N, classes] to N named predictions. */
export function irisPredictions(
  outputs: TensorMap,
  { labels }: Pick<ModelFacts, 'labels'>,
): IrisPrediction[] {
  const { data, shape } = outputs['probabilities'] ?? { data: [], shape: [0] };
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const probabilities: Record<string, number> = {};
    let [prediction, confidence] = ['', -1];
    for (const [index, label] of labels.entries()) {
      // The forest's sum of 1/trees can miss 1 by a rounding error.
      const probability = Math.min(1, Number(data[row * labels.length + index]));
      probabilities[label] = probability;
      if (probability > confidence) [prediction, confidence] = [label, probability];
    }
    return { prediction, confidence, probabilities };
  });
}
