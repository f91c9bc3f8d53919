import { jobLayout } from '../../../events/jobs/layout.ts';
import { readResult } from '../../../events/jobs/read-job.ts';
import { flowerLines } from './flowers.ts';
import type { Product } from './start-product.ts';

/** Chunks that run at the same time, and so processes of `iris-batch`. */
export const WORKERS = [1, 2, 4] as const;

/** What one run of `npm start` gave. */
export interface ProductTimes {
  /** From the PUT of an upload, answered, to its predictions, while no function runs. */
  readonly coldUploadMs: number;
  readonly warmUploadMs: readonly number[];
  /** Records per second of a job, from its submission to its result, by {@link WORKERS}. */
  readonly jobs: readonly number[];
}

const WARM_UPLOADS = 10;
const UPLOAD_BYTES = 10_000;

/**
 * Uploads first, as nothing runs yet; then a job of `chunks` chunks that is not counted, with as many workers as
 * there will be at most, and the jobs that are.
 */
export async function measureProduct(
  product: Product,
  { chunkBytes, chunks }: { readonly chunkBytes: number; readonly chunks: number },
): Promise<ProductTimes> {
  const { store } = product;
  const small = flowerLines(UPLOAD_BYTES).text;
  const upload = async (name: string): Promise<number> => {
    await store.put(`in/iris/${name}.jsonl`, small);
    const startedMs = performance.now();
    return (await product.until(`out/iris/${name}.jsonl/latest.json`)) - startedMs;
  };
  const coldUploadMs = await upload('cold');
  const warmUploadMs: number[] = [];
  for (let n = 0; n < WARM_UPLOADS; n += 1) warmUploadMs.push(await upload(`warm-${n}`));

  const { text, records } = flowerLines(chunkBytes * chunks);
  const key = 'bench/flowers.jsonl';
  await store.put(key, text);
  const job = async (jobId: string, maxConcurrency: number): Promise<number> => {
    const startedMs = performance.now();
    const answer = await fetch(`${product.router}/batch/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jobId,
        model: { name: 'iris' },
        inputs: { format: 'jsonl', keys: [key] },
        split: { chunkBytes },
        limits: { maxConcurrency },
      }),
    });
    if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
    const endedMs = await product.until(jobLayout(jobId).result);
    const result = (await readResult(store, jobId))?.result;
    if (result?.ok !== records) {
      throw new Error(`${jobId} is ${result?.state}: ${result?.ok} of ${records} records`);
    }
    return (1000 * records) / (endedMs - startedMs);
  };
  await job('job-warm-up', Math.max(...WORKERS));
  const jobs: number[] = [];
  for (const workers of WORKERS) jobs.push(await job(`job-workers-${workers}`, workers));
  return { coldUploadMs, warmUploadMs, jobs };
}
