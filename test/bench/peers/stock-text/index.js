// As stock/index.js, for letters: a function of the framework, the SDK for the weights, zod for the request.
// The vectorizer is the product's own, so that both compute the same.
const { http } = require('@google-cloud/functions-framework');
const { Tensor } = require('onnxruntime-node');
const { z } = require('zod');
const { createVectorizer } = require('../../../../functions/inputs/text/tfidf.ts');
const { parseVocabulary } = require('../../../../functions/inputs/text/vocabulary.ts');
const { openPackage } = require('../stock-package/open-package.js');

const letter = z.strictObject({ text: z.string().max(1_000_000) });
const request = z.union([letter, z.strictObject({ instances: z.array(letter).min(1) })]);

async function openModel() {
  const { assets, session } = await openPackage(['labels.json', 'vocabulary.json']);
  return {
    session,
    labels: JSON.parse(Buffer.from(assets.get('labels.json')).toString()),
    vectorizer: createVectorizer(parseVocabulary(assets.get('vocabulary.json'))),
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
  const { instances } = parsed.data;
  const predictions = await predict(instances ?? [parsed.data]);
  response.json(instances === undefined ? predictions[0] : { predictions });
});

async function predict(letters) {
  const { labels, vectorizer, session } = await model;
  const { columns } = vectorizer;
  const data = new Float32Array(letters.length * columns);
  for (const [row, { text }] of letters.entries()) {
    for (const [column, weight] of vectorizer.weigh(text)) data[row * columns + column] = weight;
  }
  const features = new Tensor('float32', data, [letters.length, columns]);
  const outputs = await session.run({ features });
  const predictions = [];
  for (let start = 0; start < outputs.probabilities.data.length; start += labels.length) {
    const scores = [...outputs.probabilities.data.subarray(start, start + labels.length)];
    const confidence = Math.max(...scores);
    const probabilities = {};
    for (const [index, score] of scores.entries()) probabilities[labels[index]] = score;
    predictions.push({
      prediction: labels[scores.indexOf(confidence)],
      confidence,
      probabilities,
    });
  }
  return predictions;
}
