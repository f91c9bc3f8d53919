import type { TensorMap } from '../runtime/tensor.ts';
import type { IrisInstance } from './request.ts';

const FEATURES = 4;

/** N flowers to one tensor [N, 4], in the order of the training data's columns. */
export function irisFeatures(instances: readonly IrisInstance[]): TensorMap {
  const data = new Float32Array(instances.length * FEATURES);
  for (const [row, flower] of instances.entries()) {
    const { sepal_length, sepal_width, petal_length, petal_width } = flower;
    data.set([sepal_length, sepal_width, petal_length, petal_width], row * FEATURES);
  }
  return { features: { datatype: 'FP32', shape: [instances.length, FEATURES], data } };
}
