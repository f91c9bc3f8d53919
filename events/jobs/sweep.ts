import type { JobContext } from './job-context.ts';
import { ACTIVE_PREFIX, jobOf } from './layout.ts';
import { sweepJob } from './sweep-job.ts';

/**
 * Looks after every job that is not over. One that cannot be looked after now does not keep the others
 * from it. Gives how many are still not over.
 */
export async function sweep(context: JobContext, signal?: AbortSignal): Promise<number> {
  let active = 0;
  for await (const { key } of context.store.list({ prefix: ACTIVE_PREFIX })) {
    const jobId = jobOf(key);
    if (jobId === undefined) continue;
    if (signal?.aborted === true) return active + 1;
    try {
      if (await sweepJob(context, jobId)) active += 1;
    } catch (cause) {
      active += 1;
      context.warn(`The job ${jobId} could not be swept`, cause);
    }
  }
  return active;
}
