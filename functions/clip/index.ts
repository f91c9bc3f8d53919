import { defineModel } from '../define-model.ts';
import { compare } from './compare.ts';
import { embed } from './embed.ts';
import { clipForm, rawImage } from './forms.ts';
import { prepare } from './prepare.ts';
import { clipInstance, clipOptions, clipPrediction } from './request.ts';

/** How well sentences fit a picture, and embeddings of both: a CLIP. */
export const clip = defineModel({
  name: 'clip',
  request: clipInstance,
  response: clipPrediction,
  options: clipOptions,
  example: { texts: ['a photo of a red star', 'a photo of a blue circle'] },
  sample: async () => (await import('./sample.json', { with: { type: 'json' } })).default,
  forms: [rawImage, clipForm],
  output: 'enveloped',
  prepare: (model) => void prepare(model),
  async predict(instance, { model, infer, options }) {
    const { image, texts } = await embed(instance, { model, infer });
    const embeddings = {
      ...(image === undefined ? {} : { image_embedding: [...image] }),
      ...(texts.length === 0 ? {} : { text_embeddings: texts.map((text) => [...text]) }),
    };
    if (image === undefined || texts.length === 0) return embeddings;
    return {
      ...compare(image, texts, prepare(model).logitScale),
      ...(options.embeddings ? embeddings : {}),
    };
  },
});
