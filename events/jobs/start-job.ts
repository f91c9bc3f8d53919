import { failJob } from './end-job.ts';
import { finishJob } from './finish-job.ts';
import type { JobContext } from './job-context.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import { claimChunk } from './lease.ts';
import { keepLease, LeaseLostError } from './lease-keeper.ts';
import { PlanError } from './plan/plan-error.ts';
import { planJob } from './plan/plan-job.ts';
import type { JobPlan } from './plan/plan-schema.ts';
import { readPlan, readSpec } from './read-job.ts';
import type { WorkerOptions } from './run-chunk.ts';

/** Planners that may be cut off before a job counts as one that nobody can plan. */
const MAX_PLANNERS = 10;

/**
 * Plans a job and sets it going; one that cannot be planned fails, and one without any records is over at
 * once. Does nothing for a job that is over, was told to end, or is being planned by somebody else: a large
 * CSV takes its time.
 */
export async function startJob(
  context: JobContext,
  jobId: string,
  options: WorkerOptions,
): Promise<void> {
  const { store } = context;
  const layout = jobLayout(jobId);
  const stored = await readSpec(store, jobId);
  if (stored === undefined || (await store.head(layout.cancel)) !== undefined) return;
  if ((await store.head(layout.result)) !== undefined) return;
  const present = await readPlan(store, jobId);
  const plan = present ?? (await planAlone(context, stored.spec, options));
  if (plan === 'held') return;
  // Nobody can be at work on it: there is nothing to work on.
  if (plan === undefined || plan.chunks === 0) {
    await finishJob(context, { ...stored, plan }, async () => true);
  }
}

/** The plan; `held` when somebody else makes it, undefined when there can be none: the job fails then. */
async function planAlone(
  context: JobContext,
  spec: JobSpec,
  { owner, signal }: WorkerOptions,
): Promise<JobPlan | 'held' | undefined> {
  const key = jobLayout(spec.jobId).planClaim;
  const { leaseSeconds } = spec.limits;
  const nonce = context.nonce();
  const claim = await claimChunk(context.store, key, {
    owner,
    nonce,
    leaseSeconds,
    maxAttempts: MAX_PLANNERS,
  });
  if (claim.kind === 'held') return 'held';
  if (claim.kind === 'exhausted') {
    await failJob(context, spec, 'PLAN_FAILED', `${MAX_PLANNERS} planners did not get to an end`);
    return undefined;
  }
  const kept = keepLease(context, key, claim.lease);
  try {
    const signals = signal === undefined ? [kept.signal] : [kept.signal, signal];
    const plan = await planJob(context, spec, AbortSignal.any(signals));
    await kept.stop();
    return plan;
  } catch (cause) {
    if (cause instanceof PlanError) {
      await kept.stop();
      await failJob(context, spec, cause.code, cause.message);
      return undefined;
    }
    if (kept.signal.aborted || cause instanceof LeaseLostError) {
      await kept.stop();
      return 'held';
    }
    await kept.release(false).catch((failure: unknown) => {
      context.warn('A claim could not be given back; it runs out by itself', failure);
    });
    throw cause;
  }
}
