import * as z from 'zod';

import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { imagePreprocessing } from '../inputs/image/preprocessing.ts';
import { createImageStacker } from '../inputs/image/stack-images.ts';
import type { ImageStacker } from '../inputs/image/stack-images.ts';
import { oncePerModel } from '../inputs/once-per-model.ts';
import { createTextStacker } from '../inputs/tokens/stack-texts.ts';
import type { TextStacker } from '../inputs/tokens/stack-texts.ts';
import { textPreprocessing } from '../inputs/tokens/text-preprocessing.ts';

/** The `preprocessing` of a CLIP's `model.json`. */
const clipPreprocessing = z.strictObject({
  image: imagePreprocessing,
  text: textPreprocessing,
  /** What similarities are multiplied by before the softmax: exp of CLIP's `logit_scale`. */
  logit_scale: z.number().positive(),
});

/** What is worked out once per model, not once per request. */
interface PreparedClip {
  readonly images: ImageStacker;
  readonly texts: TextStacker;
  readonly logitScale: number;
}

type Facts = Pick<ModelFacts, 'manifest' | 'assets'>;

/**
 * The tokenizer and the constants of a CLIP's package.
 * @throws {Error} When they are missing, not supported, or do not fit the graph's inputs.
 */
export const prepare = oncePerModel(({ manifest, assets }: Facts): PreparedClip => {
  const { image, text, logit_scale: logitScale } = clipPreprocessing.parse(manifest.preprocessing);
  const images = createImageStacker(image);
  checkInputs(manifest, images);
  const texts = createTextStacker(assets, text, 'longest');
  return { images, texts, logitScale };
});

function checkInputs({ inputs }: Facts['manifest'], { shape }: ImageStacker): void {
  const pixels = inputs.find(({ name }) => name === 'pixel_values');
  if (pixels?.shape.slice(1).join() !== shape.join()) {
    throw new Error(`pictures become [images, ${shape.join(', ')}], which is no input`);
  }
  const ids = inputs.find(({ name }) => name === 'input_ids');
  if (ids?.shape.length !== 2) throw new Error('there is no input "input_ids" of [texts, tokens]');
}
