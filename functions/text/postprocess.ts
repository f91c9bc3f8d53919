import type { TensorMap } from '../runtime/tensor.ts';
import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import type { TextPrediction } from './request.ts';

/** Probabilities [N, topics] to N named predictions. */
export function textPredictions(
  outputs: TensorMap,
  { labels }: Pick<ModelFacts, 'labels'>,
): TextPrediction[] {
  const { data, shape } = outputs['probabilities'] ?? { data: [], shape: [0] };
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const probabilities: Record<string, number> = {};
    let [prediction, confidence] = ['', -1];
    for (const [index, label] of labels.entries()) {
      // A softmax of floats can pass 1 by a rounding error.
      const probability = Math.min(1, Number(data[row * labels.length + index]));
      probabilities[label] = probability;
      if (probability > confidence) [prediction, confidence] = [label, probability];
    }
    return { prediction, confidence, probabilities };
  });
}
