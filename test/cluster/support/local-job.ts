import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { JobStatus } from '../../../events/jobs/job-status.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { runProgram } from '../../support/run-program.ts';

const root = join(import.meta.dirname, '../../..');

/** A job over one object of JSON lines. */
export interface LineJob {
  readonly model: string;
  readonly key: string;
  readonly chunkBytes: number;
  readonly maxConcurrency: number;
}

/** What came of a job that ran here. */
export interface LocalRun {
  /** Its output, as the results route gives it. */
  readonly text: string;
  /** From the submission to the end, with the start of its worker. */
  readonly durationMs: number;
}

/** The body that submits a job. */
export function submission(
  jobId: string,
  { model, key, chunkBytes, maxConcurrency }: LineJob,
): object {
  return {
    jobId,
    model: { name: model },
    inputs: { format: 'jsonl', keys: [key] },
    split: { chunkBytes },
    // What a killed process had claimed is free again soon.
    limits: { maxConcurrency, leaseSeconds: 30 },
  };
}

/**
 * Runs a job on the local stand-in, from the sources, in a data folder of its own.
 * @throws {Error} When it does not complete.
 */
export async function runLocally(job: LineJob, input: string): Promise<LocalRun> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-cluster-jobs-'));
  try {
    await using program = runProgram([join(root, 'test/fixtures/local/from-sources.ts')], {
      PORT: '0',
      S3_PORT: '0',
      PILOTLIGHT_DATA: dataDir,
      LOG_LEVEL: 'warn',
      TEST_MODELS: job.model,
    });
    const [, router = ''] = await program.wrote(/^router (\S+)$/m);
    const { s3, buckets } = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
    const store = openObjectStore(storeSettings(s3), buckets.data);
    await store.put(job.key, input);
    store.close();
    const startMs = performance.now();
    const path = `${router}/batch/v1/batches`;
    await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(submission('local-run', job)),
    });
    let status: JobStatus;
    do {
      status = (await (await fetch(`${path}/local-run?wait=60`)).json()) as JobStatus;
    } while (status.finishedAt === undefined && status.error === null);
    const durationMs = performance.now() - startMs;
    const results = await fetch(`${path}/local-run/results`);
    if (!results.ok) throw new Error(`${JSON.stringify(status)}\n${program.output()}`);
    return { text: await results.text(), durationMs };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
