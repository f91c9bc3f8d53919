import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { minioBinary } from '../../support/minio.ts';
import { pilotlight } from '../contestants/contestants.ts';
import { readQuestions } from '../contestants/question.ts';
import type { Question } from '../contestants/question.ts';
import { startProcess } from '../contestants/start-process.ts';
import { untilAnswers } from '../contestants/until-answers.ts';
import { jobsReport } from '../report/jobs-report.ts';
import type { JobsReport } from '../report/jobs-report.ts';
import { readSurroundings } from '../report/surroundings.ts';
import type { RunOptions } from '../run-bench.ts';
import { startCountingStore } from '../store/counting-store.ts';
import { generateLoad } from '../warm/load.ts';
import { OWN_STORE, startBenchStore } from './bench-store.ts';
import type { BenchStore, StoreName } from './bench-store.ts';
import { flowerLines } from './flowers.ts';
import { startHelper } from './helper.ts';
import type { ChunkTime } from './helper.ts';
import { startBenchBroker } from './measure-broker.ts';
import { measureProduct } from './measure-product.ts';
import { startProduct } from './start-product.ts';
import { emptySamples, summarizeJobs } from './summarize-jobs.ts';
import type { StoreSamples } from './summarize-jobs.ts';

/** How much is measured in each round. */
export interface JobsSizes {
  readonly chunkBytes: number;
  /** Of each job. */
  readonly chunks: number;
  /** Times that a chunk is scored, and the loop goes over it. */
  readonly scorings: number;
  readonly protocols: number;
  readonly events: number;
  readonly httpSeconds: number;
}

const SIZES: JobsSizes = {
  chunkBytes: 4 * 1024 * 1024,
  chunks: 16,
  scorings: 10,
  protocols: 20,
  events: 2000,
  httpSeconds: 3,
};
const HTTP_CONNECTIONS = 32;
/** Not counted: code is compiled while it runs. */
const WARM_UPS = 5;
const BUCKET = 'bench';
const KEY = 'in/flowers.jsonl';

/**
 * Measures batch jobs of iris: a worker against a plain loop, the protocol of a chunk, whole jobs and uploads
 * through `npm start`, single predictions, the local broker; on the stand-in's store and, where there is one, on
 * MinIO.
 * @throws {Error} When an answer is wrong, or something does not come up.
 */
export async function benchJobs(
  options: Omit<RunOptions, 'model'> & {
    readonly sizes?: JobsSizes;
    /** @default both, where there is a MinIO */
    readonly stores?: readonly StoreName[];
  },
): Promise<JobsReport> {
  const { root, runs, command, onProgress, sizes = SIZES } = options;
  const { stores = minioBinary() === undefined ? ['stand-in'] : ['stand-in', 'minio'] } = options;
  const surroundings = await readSurroundings(root);
  const chunk = flowerLines(sizes.chunkBytes);
  const samples = new Map(stores.map((store) => [store, emptySamples()] as const));
  const httpPerSecond: number[] = [];
  const eventsPerSecond: number[] = [];
  await using broker = await startBenchBroker();
  for (let round = 1; round <= runs; round += 1) {
    onProgress(`round ${round} of ${runs}`);
    for (const [name, of] of samples) {
      await measureChunks(of, { name, root, text: chunk.text, sizes, broker: broker.url });
      await measureStart(of, { name, root, sizes });
    }
    httpPerSecond.push(await measureHttp(root, sizes.httpSeconds));
    eventsPerSecond.push(await broker.eventsPerSecond(sizes.events));
  }
  return jobsReport.parse({
    schema: 'pilotlight.bench.v1',
    kind: 'jobs',
    command,
    runs,
    ...surroundings,
    chunk_mb: Math.round(chunk.text.length / 1e4) / 100,
    chunk_records: chunk.records,
    job_chunks: sizes.chunks,
    ...summarizeJobs({ samples, httpPerSecond, eventsPerSecond }),
  } satisfies JobsReport);
}

interface Place {
  readonly name: StoreName;
  readonly root: string;
  readonly sizes: JobsSizes;
}

/** The worker and the loop in turn, so that whatever else the machine does meets both. */
async function measureChunks(
  into: StoreSamples,
  { name, root, sizes, text, broker }: Place & { readonly text: string; readonly broker: string },
): Promise<void> {
  const bench = await startBenchStore(name, root);
  try {
    await fill(bench, text);
    const order = { root, s3: bench.settings, bucket: BUCKET, key: KEY, broker };
    await using worker = await startHelper('scoring-process.ts', order);
    await using loop = await startHelper('plain-loop-process.ts', order);
    for (let time = -WARM_UPS; time < sizes.scorings; time += 1) {
      const scored = (await worker.ask('chunk')) as ChunkTime;
      const looped = (await loop.ask('chunk')) as ChunkTime;
      if (time < 0) continue;
      into.scoring.push(scored);
      into.loop.push(looped);
    }
    if ((await worker.ask('digest')) !== (await loop.ask('digest'))) {
      throw new Error('The worker and the plain loop predict differently');
    }
    for (let time = -WARM_UPS; time < sizes.protocols; time += 1) {
      const ms = (await worker.ask('protocol')) as number;
      const commitMs = (await worker.ask('commit')) as number;
      if (time < 0) continue;
      into.protocolMs.push(ms);
      into.commitMs.push(commitMs);
    }
  } finally {
    await bench.stop();
  }
}

async function fill({ settings }: BenchStore, text: string): Promise<void> {
  const access = { ...settings, AWS_SESSION_TOKEN: undefined };
  await createBucket(access, BUCKET);
  const store = openObjectStore(access, BUCKET);
  await store.put(KEY, text);
  store.close();
}

async function measureStart(into: StoreSamples, { name, root, sizes }: Place): Promise<void> {
  const bench = name === 'stand-in' ? undefined : await startBenchStore(name, root);
  try {
    await using product = await startProduct(root, bench ?? OWN_STORE);
    into.product.push(await measureProduct(product, sizes));
  } finally {
    await bench?.stop();
  }
}

/** Straight to the process, as if there were no router: what the product can do at most. */
async function measureHttp(root: string, seconds: number): Promise<number> {
  const packageDir = `${root}/models/iris`;
  const store = await startCountingStore(packageDir);
  try {
    const { settings: s3, modelUri } = store;
    const served = await startProcess(await pilotlight({ root, model: 'iris', s3, modelUri }));
    try {
      const questions = await readQuestions(packageDir);
      await untilAnswers(served, questions[0] as Question);
      const load = await generateLoad({
        port: served.port,
        connections: HTTP_CONNECTIONS,
        warmUpSeconds: seconds / 4,
        seconds,
        questions,
      });
      return load.latenciesMs.length / load.seconds;
    } finally {
      await served.stop();
    }
  } finally {
    await store.stop();
  }
}
