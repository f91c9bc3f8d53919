import { defineModel } from '../define-model.ts';
import { EXAMPLE } from './example.ts';
import { flavaForm } from './forms.ts';
import { flavaPredictions } from './postprocess.ts';
import { prepare } from './prepare.ts';
import { flavaTensors } from './preprocess.ts';
import { flavaInstance, flavaPrediction } from './request.ts';

/** Whether a text belongs to a picture: a FLAVA with a classification head. */
export const flava = defineModel({
  name: 'flava',
  request: flavaInstance,
  response: flavaPrediction,
  example: EXAMPLE,
  sample: async () => (await import('./sample.json', { with: { type: 'json' } })).default,
  forms: [flavaForm],
  output: 'enveloped',
  prepare: (model) => void prepare(model),
  preprocess: flavaTensors,
  postprocess: (outputs, _instances, model) => flavaPredictions(outputs, model),
});
