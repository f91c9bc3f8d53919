// What the tutorials lead to: a function of the framework, the SDK for the weights, zod for the request.
// CommonJS in index.js, as the framework's own quickstart has it; as ES module it starts 10 % slower.
const { GetObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { http } = require('@google-cloud/functions-framework');
const { InferenceSession, Tensor } = require('onnxruntime-node');
const { z } = require('zod');

const { env } = process;
const LABELS = ['setosa', 'versicolor', 'virginica'];
const length = z.number().min(0).max(100);
const flower = z.strictObject({
  sepal_length: length,
  sepal_width: length,
  petal_length: length,
  petal_width: length,
});

async function openSession() {
  const client = new S3Client({
    endpoint: env.S3_ENDPOINT,
    forcePathStyle: true,
    region: env.AWS_REGION,
  });
  const { hostname, pathname } = new URL(env.MODEL_URI);
  const command = new GetObjectCommand({
    Bucket: hostname,
    Key: `${pathname.slice(1)}/model.onnx`,
  });
  const { Body } = await client.send(command);
  const bytes = await Body.transformToByteArray();
  return InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

// Not awaited here: the framework listens meanwhile, and the first request waits.
const session = openSession();

http('predict', async (request, response) => {
  const parsed = flower.safeParse(request.body);
  if (!parsed.success) {
    response.status(400).json({ error: z.prettifyError(parsed.error) });
    return;
  }
  const { sepal_length, sepal_width, petal_length, petal_width } = parsed.data;
  const data = Float32Array.of(sepal_length, sepal_width, petal_length, petal_width);
  const opened = await session;
  const outputs = await opened.run({ features: new Tensor('float32', data, [1, 4]) });
  const scores = [...outputs.probabilities.data];
  const confidence = Math.max(...scores);
  response.json({
    prediction: LABELS[scores.indexOf(confidence)],
    confidence,
    probabilities: Object.fromEntries(LABELS.map((label, index) => [label, scores[index]])),
  });
});
