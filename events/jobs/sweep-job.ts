import { announce, finishJob } from './finish-job.ts';
import { endJob, failJob } from './end-job.ts';
import { tryPublish } from './job-context.ts';
import type { JobContext } from './job-context.ts';
import { chunkRequested, jobProgress, jobSubmitted } from './job-events.ts';
import { jobLayout } from './layout.ts';
import { isExhausted, readLease } from './lease.ts';
import { liveClaims } from './live-claims.ts';
import type { JobPlan } from './plan/plan-schema.ts';
import { readPlan, readResult, readSpec } from './read-job.ts';
import type { StoredSpec } from './read-job.ts';
import { readTallies, sumOf } from './read-parts.ts';
import type { Tallies } from './read-parts.ts';
import { skipChunk } from './skip-chunk.ts';
import { exceeded } from './threshold.ts';

/** How long a marker may be there before its job: longer than any submission takes. */
const ORPHAN_MS = 10 * 60 * 1000;

/**
 * Looks after one job that is not over: asks again for whatever got lost, ends what has to end, announces
 * what was not. Any number of sweepers may do so at once. Tells whether there is more to come.
 */
export async function sweepJob(context: JobContext, jobId: string): Promise<boolean> {
  const { store } = context;
  const stored = await readSpec(store, jobId);
  if (stored === undefined) return await keepMarker(context, jobId);
  const { spec } = stored;
  const ended = await readResult(store, jobId);
  if (ended !== undefined) {
    await announce(context, spec, ended.result, ended.etag);
    return (await store.head(jobLayout(jobId).active)) !== undefined;
  }
  const { deadline } = spec.limits;
  if (deadline !== undefined && stored.servedAt.getTime() >= Date.parse(deadline)) {
    const reason = { code: 'DEADLINE', message: `It was not done by ${deadline}` };
    await endJob(context, spec, { state: 'expired', reason });
  }
  const plan = await readPlan(store, jobId);
  const tallies = await readTallies(context, jobId);
  const isTold = (await store.head(jobLayout(jobId).cancel)) !== undefined;
  if (!isTold && plan !== undefined) {
    await checkErrors(context, stored, tallies);
    await askForMissing(context, stored, plan, tallies);
    await report(context, stored, plan, tallies);
  }
  if (!isTold && plan === undefined && !(await isBeingPlanned(context, jobId))) {
    await tryPublish(context, jobSubmitted(spec));
  }
  const isIdle = async (): Promise<boolean> =>
    (await liveClaims(context, spec, tallies)).length === 0;
  if (!(await finishJob(context, { ...stored, plan }, isIdle))) return true;
  return (await store.head(jobLayout(jobId).active)) !== undefined;
}

async function isBeingPlanned({ store }: JobContext, jobId: string): Promise<boolean> {
  const present = await readLease(store, jobLayout(jobId).planClaim);
  return present === 'contended' || present?.isFree === false;
}

/** A submission in progress, or one that was cut off before there was a job. */
async function keepMarker({ store }: JobContext, jobId: string): Promise<boolean> {
  const { active } = jobLayout(jobId);
  const marker = await store.head(active);
  if (marker === undefined) return false;
  if (marker.servedAt.getTime() - marker.lastModified.getTime() < ORPHAN_MS) return true;
  await store.delete(active);
  return false;
}

async function checkErrors(
  context: JobContext,
  { spec }: StoredSpec,
  tallies: Tallies,
): Promise<void> {
  const reason = exceeded(spec.limits.errorThreshold, sumOf(tallies.values()), false);
  if (reason !== undefined) await failJob(context, spec, reason.code, reason.message);
}

/** In each lane, the first chunk that is neither done nor being done. */
async function askForMissing(
  context: JobContext,
  { spec, servedAt }: StoredSpec,
  plan: JobPlan,
  tallies: Tallies,
): Promise<void> {
  const { maxConcurrency, maxAttempts } = spec.limits;
  const layout = jobLayout(spec.jobId);
  for (let lane = 0; lane < Math.min(maxConcurrency, plan.chunks); lane += 1) {
    let chunk = lane;
    for (; chunk < plan.chunks; chunk += maxConcurrency) {
      if (tallies.has(chunk)) continue;
      const present = await readLease(context.store, layout.claim(chunk));
      if (present === 'contended' || present?.isFree === false) break;
      if (present === undefined || !isExhausted(present.body, maxAttempts)) {
        await tryPublish(context, chunkRequested(spec, plan, chunk, servedAt));
        break;
      }
      // Given up: it gets its error lines and the lane goes on, or the job ends here.
      if (!(await skipChunk(context, spec, plan, chunk))) return;
    }
  }
}

async function report(
  context: JobContext,
  { spec }: StoredSpec,
  plan: JobPlan,
  tallies: Tallies,
): Promise<void> {
  const progress = { chunksDone: tallies.size, chunksTotal: plan.chunks };
  await tryPublish(context, jobProgress(spec, { ...progress, ...sumOf(tallies.values()) }));
}
