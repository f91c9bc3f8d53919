import * as z from 'zod';

import type { JobContext } from './job-context.ts';
import { liveClaims } from './live-claims.ts';
import { readCancellation, readPlan, readResult, readSpec } from './read-job.ts';
import type { StoredSpec } from './read-job.ts';
import { readTallies, sumOf } from './read-parts.ts';
import type { Tallies } from './read-parts.ts';
import { endReason, jobResult } from './result-schema.ts';
import type { JobResult } from './result-schema.ts';

const count = z.int().nonnegative();

/** What there is to say about a job. */
export const jobStatus = z
  .strictObject({
    id: z.string(),
    state: z.enum([
      // Not planned yet.
      'validating',
      'in_progress',
      // All parts are there, the result is not.
      'finalizing',
      // Told to end; somebody still works on it.
      'cancelling',
      ...jobResult.shape.state.options,
    ]),
    chunks: z.strictObject({ total: count, done: count, running: count }).readonly(),
    records: z.strictObject({ ok: count, err: count }).readonly(),
    bytes: z.strictObject({ total: count }).readonly(),
    model: z.strictObject({ name: z.string(), version: z.string(), digest: z.string() }).readonly(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().optional(),
    output: z
      .strictObject({ prefix: z.string().describe('Where its parts are, as s3://bucket/prefix') })
      .readonly(),
    error: endReason.readonly().nullable().describe('Why it ended early'),
  })
  .readonly();

/** See {@link jobStatus}. */
export type JobStatus = z.infer<typeof jobStatus>;

/** Every state that a job can be seen in. */
export type JobState = JobStatus['state'];

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
