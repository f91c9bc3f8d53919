import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { ImageOptions, ImagePrediction } from './request.ts';

const DEFAULT_TOP_K = 5;

/** Probabilities [N, classes] to the best few of each picture, best first; of equals the lower index first. */
export function imagePredictions(
  outputs: TensorMap,
  { labels }: Pick<ModelFacts, 'labels'>,
  { top_k: topK = DEFAULT_TOP_K }: ImageOptions,
): ImagePrediction[] {
  const { data, shape } = outputs['probabilities'] ?? { data: [], shape: [0, 0] };
  const [rows = 0, classes = 0] = shape;
  return Array.from({ length: rows }, (_, row) => {
    const scores = Array.from({ length: classes }, (_score, index) => ({
      label: labels[index] ?? String(index),
      index,
      // A softmax in 32 bits can pass 1 by its last bit.
      score: Math.min(1, Number(data[row * classes + index])),
    }));
    return { predictions: scores.toSorted((a, b) => b.score - a.score).slice(0, topK) };
  });
}
