import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import { prepare } from './prepare.ts';
import type { FlavaInstance } from './request.ts';

/**
 * N pictures with texts to pixels [N, 3, height, width], ids and mask [N, tokens].
 * @throws {InvalidRequestError} When there are more than the model takes in one run: a file of 70 bytes becomes a
 *   tensor of hundreds of kilobytes.
 * @throws {InvalidImageError} When a picture cannot be read, naming its instance.
 */
export async function flavaTensors(
  instances: readonly FlavaInstance[],
  model: Pick<ModelFacts, 'manifest' | 'assets' | 'labels'>,
): Promise<TensorMap> {
  const maxRows = model.manifest.batch?.max_rows ?? 1;
  if (instances.length > maxRows) {
    const message = `Must be at most ${maxRows} in one request`;
    throw new InvalidRequestError(`The request is not valid at instances: ${message}`, {
      details: [{ path: 'instances', message }],
    });
  }
  const { images, texts } = prepare(model);
  const { ids, mask } = await texts.stack(instances.map(({ text }) => text));
  return {
    pixel_values: await images.stack(instances.map(({ image }) => image)),
    input_ids: ids,
    attention_mask: mask,
  };
}
