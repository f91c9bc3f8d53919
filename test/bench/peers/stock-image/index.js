// As stock/index.js, for pictures: a function of the framework, the SDK for the weights, zod for the request.
// The preprocessing is the product's own, so that both compute the same.
const { http } = require('@google-cloud/functions-framework');
const { Tensor } = require('onnxruntime-node');
const { z } = require('zod');
const { createNormalise } = require('../../../../functions/inputs/image/normalise.ts');
const { imagePreprocessing } = require('../../../../functions/inputs/image/preprocessing.ts');
const { readImage } = require('../../../../functions/inputs/image/read-image.ts');
const { openPackage } = require('../stock-package/open-package.js');

const TOP_K = 5;
const request = z.strictObject({ image: z.base64() });

async function openModel() {
  const { manifest, assets, session } = await openPackage(['labels.json']);
  const preprocessing = imagePreprocessing.parse(manifest.preprocessing);
  return {
    labels: JSON.parse(Buffer.from(assets.get('labels.json')).toString()),
    preprocessing,
    normalise: createNormalise(preprocessing),
    shape: manifest.inputs[0].shape.slice(1),
    session,
  };
}

// Not awaited here: the framework listens meanwhile, and the first request waits.
const model = openModel();

http('predict', async ({ body }, response) => {
  const parsed = request.safeParse(body);
  if (!parsed.success) {
    response.status(400).json({ error: z.prettifyError(parsed.error) });
    return;
  }
  const { labels, preprocessing, normalise, shape, session } = await model;
  const pixels = await readImage(Buffer.from(parsed.data.image, 'base64'), preprocessing);
  const data = new Float32Array(shape.reduce((product, axis) => product * axis, 1));
  normalise(pixels, data, 0);
  const outputs = await session.run({ image: new Tensor('float32', data, [1, ...shape]) });
  const scores = [...outputs.probabilities.data];
  const best = scores
    .map((score, index) => ({ label: labels[index], index, score }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, TOP_K);
  response.json({ predictions: best });
});
