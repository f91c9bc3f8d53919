import { mapInstances } from '../map-instances.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { createNormalise } from './normalise.ts';
import { inputSize } from './preprocessing.ts';
import type { ImagePreprocessing } from './preprocessing.ts';
import { readImage } from './read-image.ts';

const CHANNELS = 3;

/** Turns image files into what one model sees. */
export interface ImageStacker {
  /** Of one image: [3, height, width]. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /**
   * N image files to FP32 [N, 3, height, width]; of none, a tensor with no rows.
   * @throws {InvalidImageError} When one cannot be read, naming its instance.
   */
  stack(images: readonly Buffer[]): Promise<Tensor>;
}

/** An {@link ImageStacker} for a model's constants. */
export function createImageStacker(preprocessing: ImagePreprocessing): ImageStacker {
  const normalise = createNormalise(preprocessing);
  const { width, height } = inputSize(preprocessing);
  const shape = [CHANNELS, height, width] as const;
  const size = elementCount(shape);
  return {
    shape,
    async stack(images) {
      const data = new Float32Array(images.length * size);
      await mapInstances(images, async (image, row) => {
        normalise(await readImage(image, preprocessing), data, row * size);
      });
      return { datatype: 'FP32', shape: [images.length, ...shape], data };
    },
  };
}
