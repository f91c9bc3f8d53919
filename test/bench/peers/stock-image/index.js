// As stock/index.js, for pictures: a function of the framework, the SDK for the weights, zod for the request.
// The preprocessing is the product's own, so that both compute the same.
const { GetObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { http } = require('@google-cloud/functions-framework');
const { InferenceSession, Tensor } = require('onnxruntime-node');
const { z } = require('zod');
const { createNormalise } = require('../../../../functions/inputs/image/normalise.ts');
const { imagePreprocessing } = require('../../../../functions/inputs/image/preprocessing.ts');
const { readImage } = require('../../../../functions/inputs/image/read-image.ts');

const { env } = process;
const TOP_K = 5;
const request = z.strictObject({ image: z.base64() });

async function openModel() {
  const client = new S3Client({
    endpoint: env.S3_ENDPOINT,
    forcePathStyle: true,
    region: env.AWS_REGION,
  });
  const { hostname, pathname } = new URL(env.MODEL_URI);
  const read = async (name) => {
    const Key = `${pathname.slice(1)}/${name}`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: hostname, Key }));
    return Body.transformToByteArray();
  };
  /** @returns {Promise<any>} What the file holds. */
  const json = async (name) => JSON.parse(Buffer.from(await read(name)).toString());
  const [graph, manifest, labels] = await Promise.all([
    read('model.onnx'),
    json('model.json'),
    json('labels.json'),
  ]);
  const preprocessing = imagePreprocessing.parse(manifest.preprocessing);
  return {
    labels,
    preprocessing,
    normalise: createNormalise(preprocessing),
    shape: manifest.inputs[0].shape.slice(1),
    session: await InferenceSession.create(graph, { intraOpNumThreads: 1, interOpNumThreads: 1 }),
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
