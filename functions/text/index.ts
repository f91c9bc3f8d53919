import { defineModel } from '../define-model.ts';
import { textPredictions } from './postprocess.ts';
import { textFeatures, vectorizerOf } from './preprocess.ts';
import { textInstance, textPrediction } from './request.ts';

/** Topic of a letter to a shop's support: TF-IDF of its words and characters, then naive Bayes. */
export const text = defineModel({
  name: 'text',
  request: textInstance,
  response: textPrediction,
  example: { text: 'Hi, the tracking has not moved since Friday. Who can help?' },
  sample: async () => (await import('./sample.json', { with: { type: 'json' } })).default,
  prepare: (model) => void vectorizerOf(model),
  preprocess: textFeatures,
  postprocess: (outputs, _instances, model) => textPredictions(outputs, model),
});
