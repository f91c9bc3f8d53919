import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { FlavaPrediction } from './request.ts';

/** Logits [N, labels] to N predictions; of equals the first label. */
export function flavaPredictions(
  outputs: TensorMap,
  { labels }: Pick<ModelFacts, 'labels'>,
): FlavaPrediction[] {
  const { data, shape } = outputs['logits'] ?? { data: new Float32Array(), shape: [0] };
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const logits = labels.map((_label, index) => Number(data[row * labels.length + index]));
    const largest = Math.max(...logits);
    const odds = logits.map((logit) => Math.exp(logit - largest));
    const sum = odds.reduce((total, odd) => total + odd, 0);
    return {
      label: labels[logits.indexOf(largest)] ?? '',
      scores: odds.map((odd) => odd / sum),
      logits,
    };
  });
}
