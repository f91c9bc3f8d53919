import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import { prepare } from './prepare.ts';
import type { ImageInstance, ImageOptions } from './request.ts';

/**
 * N pictures to one tensor [N, 3, height, width].
 * @throws {InvalidRequestError} When `top_k` is above the number of classes, or there are more pictures than the
 *   model takes in one run: a file of 70 bytes becomes a tensor of hundreds of kilobytes.
 * @throws {InvalidImageError} When a picture cannot be read, naming its instance.
 */
export async function imageTensor(
  instances: readonly ImageInstance[],
  model: Pick<ModelFacts, 'manifest' | 'labels'>,
  { top_k: topK = 1 }: ImageOptions,
): Promise<TensorMap> {
  const classes = model.labels.length;
  if (topK > classes) {
    throw refused('top_k', `Must be from 1 to ${classes}, the number of classes`);
  }
  const maxRows = model.manifest.batch?.max_rows ?? 1;
  if (instances.length > maxRows) {
    throw refused('instances', `Must be at most ${maxRows} pictures in one request`);
  }

  const { images, inputName } = prepare(model);
  return { [inputName]: await images.stack(instances.map(({ image }) => image)) };
}

function refused(path: string, message: string): InvalidRequestError {
  return new InvalidRequestError(`The request is not valid at ${path}: ${message}`, {
    details: [{ path, message }],
  });
}
