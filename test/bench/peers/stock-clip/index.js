// As stock/index.js, for pictures and sentences: a function of the framework, the SDK for the weights, zod for
// the request. Preprocessing and comparison are the product's own, so that both compute the same.
const { http } = require('@google-cloud/functions-framework');
const { Tensor } = require('onnxruntime-node');
const { z } = require('zod');
const { compare } = require('../../../../functions/clip/compare.ts');
const { embed } = require('../../../../functions/clip/embed.ts');
const { prepare } = require('../../../../functions/clip/prepare.ts');
const { openPackage } = require('../stock-package/open-package.js');

const request = z.strictObject({
  image: z.base64().optional(),
  texts: z.array(z.string().max(10_000)).min(1).max(1000).optional(),
});
const TYPES = { FP32: 'float32', INT64: 'int64' };

// Not awaited here: the framework listens meanwhile, and the first request waits.
const model = openPackage(['tokenizer.json']);

http('predict', async ({ body }, response) => {
  const parsed = request.safeParse(body);
  if (!parsed.success) {
    response.status(400).json({ error: z.prettifyError(parsed.error) });
    return;
  }
  const { session, ...facts } = await model;
  const infer = async (inputs) => {
    const feeds = Object.entries(inputs).map(([name, { datatype, data, shape }]) => [
      name,
      new Tensor(TYPES[datatype], data, shape),
    ]);
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data, dims }]) => [name, { data, shape: dims }]),
    );
  };
  const { image, texts: sentences } = parsed.data;
  const instance = {
    ...(image === undefined ? {} : { image: Buffer.from(image, 'base64') }),
    ...(sentences === undefined ? {} : { texts: sentences }),
  };
  const { image: seen, texts } = await embed(instance, { model: facts, infer });
  if (seen === undefined) response.json({ text_embeddings: texts });
  else if (texts.length === 0) response.json({ image_embedding: seen });
  else response.json(compare(seen, texts, prepare(facts).logitScale));
});
