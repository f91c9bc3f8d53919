// A package over S3 with the SDK, all files at once, and its graph in a session: for the stock contestants.
const { GetObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { InferenceSession } = require('onnxruntime-node');

const { env } = process;

/**
 * @param {readonly string[]} assets Names of files besides `model.onnx` and `model.json`.
 * @returns {Promise<any>} `manifest`, `assets` by their names, `session`.
 */
module.exports.openPackage = async (assets) => {
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
  const [graph, manifest, ...files] = await Promise.all(
    ['model.onnx', 'model.json', ...assets].map(read),
  );
  return {
    manifest: JSON.parse(Buffer.from(manifest).toString()),
    assets: new Map(assets.map((name, index) => [name, files[index]])),
    session: await InferenceSession.create(graph, { intraOpNumThreads: 1, interOpNumThreads: 1 }),
  };
};
