// As stock/index.js, for letters: a function of the framework, the SDK for the weights, zod for the request.
// The vectorizer is the product's own, so that both compute the same.
const { http } = require('@google-cloud/functions-framework');
const { Tensor } = require('onnxruntime-node');
const { z } = require('zod');
const { createVectorizer } = require('../../../../functions/inputs/text/tfidf.ts');
const { parseVocabulary } = require('../../../../functions/inputs/text/vocabulary.ts');
const { openPackage } = require('../stock-package/open-package.js');

const request = z.strictObject({ text: z.string().max(1_000_000) });

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
  const { labels, vectorizer, session } = await model;
  const data = new Float32Array(vectorizer.columns);
  for (const [column, weight] of vectorizer.weigh(parsed.data.text)) data[column] = weight;
  const outputs = await session.run({ features: new Tensor('float32', data, [1, data.length]) });
  const scores = [...outputs.probabilities.data];
  const confidence = Math.max(...scores);
  const probabilities = {};
  for (const [index, score] of scores.entries()) probabilities[labels[index]] = score;
  response.json({
    prediction: labels[scores.indexOf(confidence)],
    confidence,
    probabilities,
  });
});
