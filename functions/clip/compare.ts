import type { Embeddings } from './embed.ts';

/** How texts compare with a picture and with each other. */
export interface Comparison {
  readonly similarities: number[];
  readonly probabilities: number[];
}

/**
 * Cosines of vectors of length one, and their softmax after the scale that training learned.
 * @param logitScale exp of CLIP's `logit_scale`, the inverse of the temperature.
 */
export function compare(
  image: readonly number[],
  texts: Embeddings['texts'],
  logitScale: number,
): Comparison {
  const similarities = texts.map((text) => clamp(innerProduct(image, text)));
  const logits = similarities.map((similarity) => similarity * logitScale);
  const largest = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - largest));
  const sum = odds.reduce((total, odd) => total + odd, 0);
  return { similarities, probabilities: odds.map((odd) => odd / sum) };
}

function innerProduct(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
}

/** The length of a vector in 32 bits can pass 1 by its last bit. */
function clamp(cosine: number): number {
  return Math.min(1, Math.max(-1, cosine));
}
