import { defineModel } from '../define-model.ts';
import { EXAMPLE } from './example.ts';
import { imageForm, rawImage } from './forms.ts';
import { imagePredictions } from './postprocess.ts';
import { prepare } from './prepare.ts';
import { imageTensor } from './preprocess.ts';
import { imageInstance, imageOptions, imagePrediction } from './request.ts';

/** What a picture shows: a MobileNetV2, or any network whose package says how it wants its pictures. */
export const image = defineModel({
  name: 'image',
  request: imageInstance,
  response: imagePrediction,
  options: imageOptions,
  example: EXAMPLE,
  sample: async () => (await import('./sample.json', { with: { type: 'json' } })).default,
  forms: [rawImage, imageForm],
  prepare: (model) => void prepare(model),
  preprocess: imageTensor,
  postprocess: (outputs, _instances, model, options) => imagePredictions(outputs, model, options),
});
