/**
 * A program: a worker's scoring of a chunk, as `iris-batch` does it, with the model in a process of its own; and the
 * protocol around it by itself: look, claim, commit, count, publish, with next to no output or with that of a real chunk.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { partBody } from '../../../events/jobs/commit-part.ts';
import { createJob } from '../../../events/jobs/create-job.ts';
import type { JobContext } from '../../../events/jobs/job-context.ts';
import { jobSubmission, settleSpec } from '../../../events/jobs/submission.ts';
import type { JobSpec } from '../../../events/jobs/job-spec.ts';
import { runChunk } from '../../../events/jobs/run-chunk.ts';
import type { ScoreChunk } from '../../../events/jobs/run-chunk.ts';
import { startJob } from '../../../events/jobs/start-job.ts';
import { publish } from '../../../events/publish.ts';
import { iris } from '../../../functions/iris/index.ts';
import { loadConfig } from '../../../functions/runtime/config.ts';
import { createMetrics } from '../../../functions/runtime/metrics.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { chunkScorer } from '../../../functions/scoring/score-chunk.ts';
import { createEngine } from '../../../functions/serving/engine/engine.ts';
import { loadModel } from '../../../models/loader/load-model.ts';
import { digestOf, serveHelper } from './helper.ts';
import type { ChunkTime, HelperOrder } from './helper.ts';

/** Smaller chunks of the same object, so that one job has many: only their number counts here. */
const PROTOCOL_CHUNK_BYTES = 65_536;

serveHelper<HelperOrder>(async ({ root, s3, bucket, key, broker }) => {
  const { signal } = new AbortController();
  const model = await loadModel({
    uri: `file:${root}/models/iris`,
    execution: 'worker',
    workers: 1,
    openStore: () => Promise.reject(new Error('The model lies in a folder')),
    signal,
  });
  const config = loadConfig({ FUNCTION_TARGET: 'iris', MODEL_URI: `file:${root}/models/iris` });
  const engine = createEngine(
    model,
    {
      maxQueueRows: config.MAX_QUEUE_ROWS,
      maxQueueBytes: config.MAX_QUEUE_BYTES,
      maxQueueDelayMs: config.MAX_QUEUE_DELAY_MS,
      maxRunMs: config.INFERENCE_TIMEOUT_MS,
    },
    createMetrics(),
  );
  const service = { definition: iris, model, engine, config, takeColdStart: () => undefined };
  const store = openObjectStore({ ...s3, AWS_SESSION_TOKEN: undefined }, bucket);
  const timeoutMs = config.INFERENCE_TIMEOUT_MS;
  const score = chunkScorer({ store, timeoutMs, use: async () => ({ service, done() {} }) });
  const meta = await store.head(key);
  if (meta === undefined) throw new Error(`There is no ${key}`);
  const { etag, sizeBytes } = meta;
  const chunk = { chunk: 0, ranges: [{ key, etag, sizeBytes, start: 0, end: sizeBytes }] };
  const digest = `sha256:${model.digest}`;
  const specOf = (jobId: string, chunkBytes?: number): JobSpec => {
    const split = chunkBytes === undefined ? {} : { chunkBytes };
    const submission = jobSubmission.parse({
      jobId,
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: [key] },
      split,
      limits: { maxConcurrency: 1 },
    });
    const pinned = { name: 'iris', version: '1', digest };
    return settleSpec(submission, { tenant: 'bench', bucket, model: pinned, inputsDigest: '' });
  };
  const work = { spec: specOf('bench-scoring'), chunk, signal, careful: undefined };
  const context: JobContext = {
    store,
    publish: (event) => publish(event, { url: broker }),
    nonce: () => crypto.randomUUID(),
    now: () => Date.now(),
    wait: (ms, until) => delay(ms, undefined, { signal: until }).catch(() => {}),
    warn: (message, cause) => process.stderr.write(`${message}: ${String(cause)}\n`),
  };
  let made = await score(work);
  let [job, next, chunks] = ['', 0, 0];

  async function timeChunk(): Promise<ChunkTime> {
    const startedMs = performance.now();
    made = await score(work);
    const ms = performance.now() - startedMs;
    if (made.err > 0) throw new Error(`${made.err} records could not be scored`);
    return { records: made.ok, ms };
  }

  async function timeProtocol(isBare: boolean): Promise<number> {
    if (next === chunks) {
      job = `protocol-${crypto.randomUUID()}`;
      const spec = specOf(job, PROTOCOL_CHUNK_BYTES);
      await createJob(context, () => spec);
      await startJob(context, job, { owner: 'bench' });
      // The last one ends the job, which is not a chunk's work.
      [next, chunks] = [0, Math.max(1, Math.ceil(sizeBytes / PROTOCOL_CHUNK_BYTES) - 1)];
    }
    const ready: ScoreChunk = async () => (isBare ? { ...made, body: partBody(['{}']) } : made);
    const startedMs = performance.now();
    const outcome = await runChunk(context, { jobId: job, chunk: next }, ready, { owner: 'bench' });
    const ms = performance.now() - startedMs;
    if (outcome !== 'committed') throw new Error(`The chunk ${next} was ${outcome}`);
    next += 1;
    return ms;
  }

  return async (question) => {
    if (question === 'protocol' || question === 'commit') {
      return await timeProtocol(question === 'protocol');
    }
    return question === 'digest' ? digestOf(made.body.toString()) : await timeChunk();
  };
});
