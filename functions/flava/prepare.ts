import * as z from 'zod';

import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { imagePreprocessing } from '../inputs/image/preprocessing.ts';
import { createImageStacker } from '../inputs/image/stack-images.ts';
import type { ImageStacker } from '../inputs/image/stack-images.ts';
import { oncePerModel } from '../inputs/once-per-model.ts';
import { createTextStacker } from '../inputs/tokens/stack-texts.ts';
import type { TextStacker } from '../inputs/tokens/stack-texts.ts';
import { textPreprocessing } from '../inputs/tokens/text-preprocessing.ts';

/** The `preprocessing` of a FLAVA's `model.json`. */
const flavaPreprocessing = z.strictObject({ image: imagePreprocessing, text: textPreprocessing });

/** What is worked out once per model, not once per request. */
interface PreparedFlava {
  readonly images: ImageStacker;
  readonly texts: TextStacker;
}

type Facts = Pick<ModelFacts, 'manifest' | 'assets' | 'labels'>;

/**
 * The tokenizer and the constants of a FLAVA's package.
 * @throws {Error} When they are missing, not supported, or do not fit the graph's inputs and output.
 */
export const prepare = oncePerModel(({ manifest, assets, labels }: Facts): PreparedFlava => {
  const { image, text } = flavaPreprocessing.parse(manifest.preprocessing);
  const images = createImageStacker(image);
  checkGraph(manifest, labels, images);
  // All rows of one length, so that requests run together.
  const texts = createTextStacker(assets, text, 'limit');
  return { images, texts };
});

function checkGraph(
  { inputs, outputs }: Facts['manifest'],
  labels: readonly string[],
  { shape }: ImageStacker,
): void {
  const pixels = inputs.find(({ name }) => name === 'pixel_values');
  if (pixels?.shape.slice(1).join() !== shape.join()) {
    throw new Error(`pictures become [batch, ${shape.join(', ')}], which is no input`);
  }
  const missing = ['input_ids', 'attention_mask'].find(
    (wanted) => !inputs.some(({ name }) => name === wanted),
  );
  if (missing !== undefined) throw new Error(`there is no input "${missing}"`);
  const classes = outputs.find(({ name }) => name === 'logits')?.shape[1];
  if (classes !== labels.length) {
    throw new Error(
      `the output "logits" has ${classes ?? 'no'} classes, the labels file names ${labels.length}`,
    );
  }
}
