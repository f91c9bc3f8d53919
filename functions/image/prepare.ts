import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { createNormalise } from '../inputs/image/normalise.ts';
import type { Normalise } from '../inputs/image/normalise.ts';
import { imagePreprocessing, inputSize } from '../inputs/image/preprocessing.ts';
import type { ImagePreprocessing } from '../inputs/image/preprocessing.ts';

const CHANNELS = 3;

/** What is worked out once per model, not once per request. */
export interface Prepared {
  readonly preprocessing: ImagePreprocessing;
  readonly normalise: Normalise;
  /** The model's one input. */
  readonly inputName: string;
  /** [3, height, width] */
  readonly shape: readonly [channels: number, height: number, width: number];
}

type Facts = Pick<ModelFacts, 'manifest' | 'labels'>;

const preparedModels = new WeakMap<ModelFacts['manifest'], Prepared>();

/**
 * What `model.json` says of the pictures that its model sees.
 * @throws {Error} When its `preprocessing` is not that of pictures, or makes them of another shape than the
 *   input has, or when there is not one label per class.
 */
export function prepare({ manifest, labels }: Facts): Prepared {
  const known = preparedModels.get(manifest);
  if (known !== undefined) return known;
  const prepared = read(manifest);
  const classes = manifest.outputs.find(({ name }) => name === 'probabilities')?.shape[1];
  if (classes !== labels.length) {
    throw new Error(
      `the output "probabilities" has ${classes ?? 'no'} classes, the labels file names ${labels.length}`,
    );
  }
  preparedModels.set(manifest, prepared);
  return prepared;
}

function read({ preprocessing: constants, inputs }: ModelFacts['manifest']): Prepared {
  const preprocessing = imagePreprocessing.parse(constants);
  const { width, height } = inputSize(preprocessing);
  const shape = [CHANNELS, height, width] as const;
  const [input, ...others] = inputs;
  const isOne = input !== undefined && others.length === 0 && input.datatype === 'FP32';
  if (!isOne || input.shape.slice(1).join() !== shape.join()) {
    throw new Error(
      `pictures become FP32 [batch, ${shape.join(', ')}], which is not the one input`,
    );
  }
  return { preprocessing, normalise: createNormalise(preprocessing), inputName: input.name, shape };
}
