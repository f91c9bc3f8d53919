import { defineModel } from '../define-model.ts';
import { irisPredictions } from './postprocess.ts';
import { irisFeatures } from './preprocess.ts';
import { irisInstance, irisPrediction } from './request.ts';
import sample from './sample.json' with { type: 'json' };

/** Species of an iris, from four lengths of its flower: a RandomForest. */
export const iris = defineModel({
  name: 'iris',
  request: irisInstance,
  response: irisPrediction,
  example: sample,
  preprocess: irisFeatures,
  postprocess: (outputs, _instances, model) => irisPredictions(outputs, model),
});
