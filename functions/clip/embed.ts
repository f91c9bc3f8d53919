import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import type { PredictContext } from '../predict-context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { prepare } from './prepare.ts';
import type { ClipInstance } from './request.ts';

/** Texts of one run: between two runs other requests get their turn, and the deadline is looked at. */
const TEXTS_PER_RUN = 32;

/** Vectors of length one. */
export interface Embeddings {
  readonly image: readonly number[] | undefined;
  /** One per text, in their order. */
  readonly texts: readonly (readonly number[])[];
}

/** What a run works with. */
interface EmbedContext {
  readonly model: Pick<ModelFacts, 'manifest' | 'assets'>;
  readonly infer: PredictContext<unknown>['infer'];
}

/**
 * Runs a picture and texts through the towers, the picture with the first texts.
 * @throws {InvalidImageError} When the picture cannot be read.
 */
export async function embed(
  { image, texts: sentences = [] }: ClipInstance,
  { model, infer }: EmbedContext,
): Promise<Embeddings> {
  const { images, texts } = prepare(model);
  let pictures = image === undefined ? [] : [image];
  const embedded: { image: readonly number[] | undefined; texts: (readonly number[])[] } = {
    image: undefined,
    texts: [],
  };
  for (let start = 0; start < Math.max(1, sentences.length); start += TEXTS_PER_RUN) {
    const { ids } = await texts.stack(sentences.slice(start, start + TEXTS_PER_RUN));
    const inputs = { pixel_values: await images.stack(pictures), input_ids: ids };
    const { image_embeds: seen, text_embeds: read } = await infer(inputs, 1);
    embedded.image ??= rowsOf(seen)[0];
    embedded.texts.push(...rowsOf(read));
    // The picture goes with the first texts only.
    pictures = [];
  }
  return embedded;
}

function rowsOf(tensor: Tensor | undefined): number[][] {
  const { data, shape } = tensor ?? { data: new Float32Array(), shape: [0, 0] };
  const [rows = 0, width = 0] = shape;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_value, place) => Number(data[row * width + place])),
  );
}
