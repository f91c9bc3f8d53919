import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { inTurns } from '../inputs/in-turns.ts';
import { createVectorizer } from '../inputs/text/tfidf.ts';
import type { Vectorizer } from '../inputs/text/tfidf.ts';
import { parseVocabulary } from '../inputs/text/vocabulary.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import type { TextInstance } from './request.ts';

const VOCABULARY_FILE = 'vocabulary.json';
/** A row is 16 KiB of numbers, however short its letter. */
const MAX_LETTERS = 1000;

/** By the bytes that they were made from, which a model keeps as long as it lives. */
const vectorizers = new WeakMap<Uint8Array, Vectorizer>();

/**
 * The vectorizer of a model's package; made once.
 * @throws {TypeError | RangeError} When its vocabulary is missing, not valid or not of the graph's width.
 */
export function vectorizerOf({
  assets,
  manifest,
}: Pick<ModelFacts, 'assets' | 'manifest'>): Vectorizer {
  const bytes = assets.get(VOCABULARY_FILE);
  if (bytes === undefined) throw new TypeError(`the package has no ${VOCABULARY_FILE}`);
  const known = vectorizers.get(bytes);
  if (known !== undefined) return known;

  const vectorizer = createVectorizer(parseVocabulary(bytes));
  const width = manifest.inputs[0]?.shape[1];
  if (vectorizer.columns !== width) {
    throw new TypeError(
      `${VOCABULARY_FILE} has ${vectorizer.columns} terms, the graph takes ${String(width)}`,
    );
  }
  vectorizers.set(bytes, vectorizer);
  return vectorizer;
}

/**
 * N letters to one tensor [N, terms]: their TF-IDF. Other requests get their turns in between.
 * @throws {InvalidRequestError} For more letters than {@link MAX_LETTERS}.
 */
export async function textFeatures(
  instances: readonly TextInstance[],
  model: Pick<ModelFacts, 'assets' | 'manifest'>,
): Promise<TensorMap> {
  if (instances.length > MAX_LETTERS) {
    throw new InvalidRequestError(
      `A request may have ${MAX_LETTERS} letters, not ${instances.length}: send several requests`,
    );
  }
  const { columns, weigh } = vectorizerOf(model);
  const data = new Float32Array(instances.length * columns);
  await inTurns(instances, ({ text }, row) => {
    for (const [column, weight] of weigh(text)) data[row * columns + column] = weight;
  });
  return { features: { datatype: 'FP32', shape: [instances.length, columns], data } };
}
