import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PartLine } from '../../../events/jobs/part-line.ts';
import type { JobStatus } from '../../../events/jobs/job-status.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { runProgram } from '../../support/run-program.ts';

/** What `batch` answered. */
export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly json: Record<string, unknown>;
}

/** The stand-in over the overlay dev, functions from their sources; iris is its only model. */
export interface RunningJobs extends AsyncDisposable {
  readonly router: string;
  readonly batch: string;
  readonly broker: string;
  readonly s3: StandInStatus['s3'];
  /** The data bucket. */
  readonly store: ObjectStore;
  /** Asks `batch`: GET, or POST of a body as JSON. */
  ask(path: string, body?: unknown): Promise<Answer>;
  /** The state of a job that is over; rejects with what the processes wrote when it does not end. */
  over(id: string): Promise<JobStatus>;
  /** Its results. */
  linesOf(id: string): Promise<PartLine[]>;
}

/** Starts it on free ports, with data of its own. */
export async function startJobs(): Promise<RunningJobs> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-jobs-'));
  const script = join(import.meta.dirname, '../../fixtures/local/from-sources.ts');
  const program = runProgram([script], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
    LOG_LEVEL: 'warn',
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  const status = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  const { s3, buckets, broker } = status;
  const store = openObjectStore(storeSettings(s3), buckets.data);
  const batch = `${router}/batch`;

  async function ask(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${batch}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, location: response.headers.get('location'), json };
  }

  return {
    router,
    batch,
    broker: broker ?? '',
    s3,
    store,
    ask,
    async over(id) {
      for (let round = 0; round < 3; round += 1) {
        const { json } = await ask(`/v1/batches/${id}?wait=20`);
        const found = json as unknown as JobStatus;
        if (found.finishedAt !== undefined) return found;
      }
      throw new Error(`The job ${id} does not end:\n${program.output()}`);
    },
    async linesOf(id) {
      const response = await fetch(`${batch}/v1/batches/${id}/results`);
      const text = await response.text();
      if (response.headers.get('content-type') !== 'application/x-ndjson') throw new Error(text);
      const lines = text.split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as PartLine);
    },
    async [Symbol.asyncDispose]() {
      store.close();
      await program[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
