// The floor: the least that a Node program with ONNX Runtime can do. One GET, signed by hand; no retries,
// no checks, no framework. Requests that come before the model wait for it.
import { createHash, createHmac } from 'node:crypto';
import { createServer, get } from 'node:http';

import { InferenceSession, Tensor } from 'onnxruntime-node';

const { env } = process;
const LABELS = ['setosa', 'versicolor', 'virginica'];
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function signedHeaders(path, host) {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${env.AWS_REGION}/s3/aws4_request`;
  const headers = { host, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': date };
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const names = Object.keys(headers).join(';');
  const request = `GET\n${path}\n\n${lines.join('')}\n${names}\n${EMPTY_SHA256}`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash('sha256').update(request).digest('hex')}`;
  const hmac = (key, value) => createHmac('sha256', key).update(value).digest();
  const signingKey = scope.split('/').reduce(hmac, `AWS4${env.AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(signingKey, text).toString('hex');
  const credential = `${env.AWS_ACCESS_KEY_ID}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function download(url) {
  return new Promise((resolve, reject) => {
    get(url, { headers: signedHeaders(url.pathname, url.host) }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

const [, bucketAndPrefix] = env.MODEL_URI.split('s3://');
const session = download(new URL(`/${bucketAndPrefix}/model.onnx`, env.S3_ENDPOINT)).then((bytes) =>
  InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 }),
);

async function predict(text) {
  const { sepal_length, sepal_width, petal_length, petal_width } = JSON.parse(text);
  const data = Float32Array.of(sepal_length, sepal_width, petal_length, petal_width);
  const opened = await session;
  const outputs = await opened.run({ features: new Tensor('float32', data, [1, 4]) });
  const scores = [...outputs.probabilities.data];
  const confidence = Math.max(...scores);
  return JSON.stringify({
    prediction: LABELS[scores.indexOf(confidence)],
    confidence,
    probabilities: Object.fromEntries(LABELS.map((label, index) => [label, scores[index]])),
  });
}

createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    void predict(text).then((body) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      response.writeHead(200, headers).end(body);
    });
  });
}).listen(Number(env.PORT));
