import type { JobContext } from './job-context.ts';
import type { Counts } from './layout.ts';
import { liveClaims } from './live-claims.ts';
import { readCancellation, readPlan, readResult, readSpec } from './read-job.ts';
import type { StoredSpec } from './read-job.ts';
import { readTallies, sumOf } from './read-parts.ts';
import type { Tallies } from './read-parts.ts';
import type { JobResult } from './result-schema.ts';

/** Every state that a job can be seen in. */
export type JobState =
  /** Not planned yet. */
  | 'validating'
  | 'in_progress'
  /** All parts are there, the result is not. */
  | 'finalizing'
  /** Told to end; somebody still works on it. */
  | 'cancelling'
  | JobResult['state'];

/** What there is to say about a job. */
export interface JobStatus {
  readonly id: string;
  readonly state: JobState;
  readonly chunks: { readonly total: number; readonly done: number; readonly running: number };
  readonly records: Counts;
  readonly bytes: { readonly total: number };
  readonly model: { readonly name: string; readonly version: string; readonly digest: string };
  readonly createdAt: string;
  readonly finishedAt?: string;
  readonly output: { readonly prefix: string };
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Whether a job has reached its end. */
export function isOver({ state }: Pick<JobStatus, 'state'>): boolean {
  return !['validating', 'in_progress', 'finalizing', 'cancelling'].includes(state);
}

/** How a job is doing, worked out from what lies in the store; undefined when there is none. */
export async function readStatus(
  context: JobContext,
  jobId: string,
): Promise<JobStatus | undefined> {
  const { store } = context;
  const stored = await readSpec(store, jobId);
  if (stored === undefined) return undefined;
  const [plan, ended, told] = await Promise.all([
    readPlan(store, jobId),
    readResult(store, jobId),
    readCancellation(store, jobId),
  ]);
  const bytes = { total: plan?.bytes ?? 0 };
  if (ended !== undefined) return { ...endedStatus(stored, ended.result), bytes };
  const tallies = await readTallies(context, jobId);
  const running = (await liveClaims(context, stored.spec, tallies)).length;
  const total = plan?.chunks ?? 0;
  const state = stateOf(plan !== undefined, told !== undefined, tallies, total);
  return {
    ...basics(stored),
    state,
    chunks: { total, done: tallies.size, running },
    records: sumOf(tallies.values()),
    bytes,
    error: told?.reason ?? null,
  };
}

function stateOf(isPlanned: boolean, isTold: boolean, tallies: Tallies, total: number): JobState {
  if (isPlanned && tallies.size === total) return 'finalizing';
  if (isTold) return 'cancelling';
  return isPlanned ? 'in_progress' : 'validating';
}

function endedStatus(stored: StoredSpec, result: JobResult): Omit<JobStatus, 'bytes'> {
  const { state, chunks, ok, err, parts, finishedAt, reason } = result;
  return {
    ...basics(stored),
    state,
    chunks: { total: chunks, done: parts.length, running: 0 },
    records: { ok, err },
    finishedAt,
    error: reason ?? null,
  };
}

function basics({
  spec,
  createdAt,
}: StoredSpec): Pick<JobStatus, 'id' | 'model' | 'createdAt' | 'output'> {
  return {
    id: spec.jobId,
    model: spec.model,
    createdAt: createdAt.toISOString(),
    output: { prefix: `s3://${spec.output.bucket}/jobs/${spec.jobId}/out/` },
  };
}
