/**
 * A program: what batch jobs are measured against. It reads an object with the AWS SDK, `JSON.parse` for each line,
 * the model's own preprocessing, ONNX Runtime with full batches, the model's own postprocessing, a line of JSON for
 * each record; no checks, nothing of ours around it, one process.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { InferenceSession, Tensor } from 'onnxruntime-node';

import { irisPredictions } from '../../../functions/iris/postprocess.ts';
import { irisFeatures } from '../../../functions/iris/preprocess.ts';
import type { IrisInstance } from '../../../functions/iris/request.ts';
import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import { digestOf, serveHelper } from './helper.ts';
import type { ChunkTime, HelperOrder } from './helper.ts';

serveHelper<HelperOrder>(async ({ root, s3, bucket, key }) => {
  const dir = join(root, 'models/iris');
  const labels = JSON.parse(await readFile(join(dir, 'labels.json'), 'utf8')) as string[];
  const manifest = JSON.parse(await readFile(join(dir, 'model.json'), 'utf8')) as Manifest;
  const session = await InferenceSession.create(join(dir, 'model.onnx'), { intraOpNumThreads: 1 });
  const client = new S3Client({
    endpoint: s3.S3_ENDPOINT,
    region: s3.AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.AWS_ACCESS_KEY_ID, secretAccessKey: s3.AWS_SECRET_ACCESS_KEY },
  });
  const rows = manifest.batch.max_rows;

  let written = '';

  async function goOver(): Promise<ChunkTime> {
    written = '';
    const startedMs = performance.now();
    let runMs = 0;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const lines = ((await Body?.transformToString()) ?? '').split('\n').slice(0, -1);
    for (let from = 0; from < lines.length; from += rows) {
      const ids: string[] = [];
      const instances: IrisInstance[] = [];
      for (const line of lines.slice(from, from + rows)) {
        const { custom_id: id, ...instance } = JSON.parse(line) as IrisInstance & WithId;
        ids.push(id);
        instances.push(instance);
      }
      const features = irisFeatures(instances)['features'] as unknown as Features;
      const ranMs = performance.now();
      const outputs = await session.run({
        features: new Tensor('float32', features.data, features.shape),
      });
      runMs += performance.now() - ranMs;
      const { dims: shape = [], data } = outputs['probabilities'] ?? {};
      const probabilities = { datatype: 'FP32', shape, data: data as Float32Array } as const;
      const named: TensorMap = { probabilities };
      for (const [row, output] of irisPredictions(named, { labels }).entries()) {
        written += `${JSON.stringify({ id: ids[row], output })}\n`;
      }
    }
    // A program would send or write it: as text it is not whole yet.
    if (Buffer.from(written).length === 0) throw new Error('There were no records');
    return { records: lines.length, ms: performance.now() - startedMs, runMs };
  }

  return async (question) => (question === 'digest' ? digestOf(written) : await goOver());
});

interface WithId {
  readonly custom_id: string;
}

interface Manifest {
  readonly batch: { readonly max_rows: number };
}

interface Features {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}
