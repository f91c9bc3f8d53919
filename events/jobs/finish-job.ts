import { canonicalJson } from './canonical-json.ts';
import { createOnly } from './create-only.ts';
import { tryPublish } from './job-context.ts';
import type { JobContext } from './job-context.ts';
import { jobCompleted } from './job-events.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import type { Counts } from './layout.ts';
import type { JobPlan } from './plan/plan-schema.ts';
import { readCancellation } from './read-job.ts';
import { readParts, sumOf } from './read-parts.ts';
import type { CountedPart } from './read-parts.ts';
import type { Cancellation, JobResult } from './result-schema.ts';
import { exceeded } from './threshold.ts';

/** A job that may be over. */
export interface EndingJob {
  readonly spec: JobSpec;
  readonly createdAt: Date;
  /** Undefined when it was ended before it was planned. */
  readonly plan: JobPlan | undefined;
}

/**
 * Writes a job's result when all of its parts are there, or when it was told to end and nobody works on it
 * (`isIdle`). Whoever writes it, and nobody else, announces it. Tells whether the job is over now.
 */
export async function finishJob(
  context: JobContext,
  job: EndingJob,
  isIdle: () => Promise<boolean>,
): Promise<boolean> {
  const { spec, plan } = job;
  const parts = await readParts(context, spec.jobId);
  const isWhole = plan !== undefined && parts.length === plan.chunks;
  const told = await readCancellation(context.store, spec.jobId);
  if (!isWhole && (told === undefined || !(await isIdle()))) return false;
  // What was committed while we looked around belongs to it.
  const final = isWhole ? parts : await readParts(context, spec.jobId);
  const result = resultOf(context, job, final, told);
  const layout = jobLayout(spec.jobId);
  const written = await createOnly(context.store, layout.result, canonicalJson(result), {
    contentType: 'application/json',
  });
  // Somebody else was first and announces it; if they are cut off, the sweeper does.
  if (written !== undefined) await announce(context, spec, result, written.etag);
  return true;
}

/**
 * Tells the world how a job ended. The marker is what makes it happen: it goes last, so that until the
 * event has been taken there is something for the sweeper to find.
 */
export async function announce(
  context: JobContext,
  spec: JobSpec,
  result: JobResult,
  etag: string,
): Promise<void> {
  const { store } = context;
  const layout = jobLayout(spec.jobId);
  if (result.state === 'completed') await store.put(layout.success, '');
  const { jobId, tenant, output } = spec;
  const event = jobCompleted({ jobId, tenant, bucket: output.bucket }, result, etag);
  if (await tryPublish(context, event)) await store.delete(layout.active);
}

function resultOf(
  context: JobContext,
  { spec, createdAt, plan }: EndingJob,
  parts: readonly CountedPart[],
  told: Cancellation | undefined,
): JobResult {
  const counts = sumOf(parts);
  const isWhole = parts.length === plan?.chunks;
  const { state, reason } = stateOf(spec, counts, isWhole, told);
  const { jobId, model } = spec;
  return {
    jobId,
    state,
    chunks: plan?.chunks ?? 0,
    ...counts,
    parts: [...parts],
    model,
    startedAt: createdAt.toISOString(),
    finishedAt: new Date(context.now()).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
}

function stateOf(
  spec: JobSpec,
  counts: Counts,
  isWhole: boolean,
  told: Cancellation | undefined,
): Pick<JobResult, 'state' | 'reason'> {
  if (told !== undefined && (told.state === 'failed' || !isWhole)) return told;
  const reason = exceeded(spec.limits.errorThreshold, counts, isWhole);
  if (reason !== undefined) return { state: 'failed', reason };
  // Told to stop when there was nothing left to stop.
  return { state: counts.err > 0 ? 'completed_with_errors' : 'completed' };
}
