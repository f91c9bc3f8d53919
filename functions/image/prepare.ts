import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { imagePreprocessing } from '../inputs/image/preprocessing.ts';
import { createImageStacker } from '../inputs/image/stack-images.ts';
import type { ImageStacker } from '../inputs/image/stack-images.ts';
import { oncePerModel } from '../inputs/once-per-model.ts';

/** What is worked out once per model, not once per request. */
export interface Prepared {
  readonly images: ImageStacker;
  /** The model's one input. */
  readonly inputName: string;
}

type Facts = Pick<ModelFacts, 'manifest' | 'labels'>;

/**
 * What `model.json` says of the pictures that its model sees.
 * @throws {Error} When its `preprocessing` is not that of pictures, or makes them of another shape than the
 *   input has, or when there is not one label per class.
 */
export const prepare = oncePerModel(({ manifest, labels }: Facts): Prepared => {
  const prepared = read(manifest);
  const classes = manifest.outputs.find(({ name }) => name === 'probabilities')?.shape[1];
  if (classes !== labels.length) {
    throw new Error(
      `the output "probabilities" has ${classes ?? 'no'} classes, the labels file names ${labels.length}`,
    );
  }
  return prepared;
});

function read({ preprocessing, inputs }: ModelFacts['manifest']): Prepared {
  const images = createImageStacker(imagePreprocessing.parse(preprocessing));
  const [input, ...others] = inputs;
  const isOne = input !== undefined && others.length === 0 && input.datatype === 'FP32';
  if (!isOne || input.shape.slice(1).join() !== images.shape.join()) {
    throw new Error(
      `pictures become FP32 [batch, ${images.shape.join(', ')}], which is not the one input`,
    );
  }
  return { images, inputName: input.name };
}
