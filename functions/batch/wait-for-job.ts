import type { JobContext } from '../../events/jobs/job-context.ts';
import { isOver, readStatus } from '../../events/jobs/job-status.ts';
import type { JobStatus } from '../../events/jobs/job-status.ts';

const LOOK_EVERY_MS = 500;

/** How a job is doing, as soon as it is over, or after `waitMs`; undefined when there is none. */
export async function waitForJob(
  context: JobContext,
  jobId: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<JobStatus | undefined> {
  const endsMs = context.now() + waitMs;
  for (;;) {
    const status = await readStatus(context, jobId);
    const leftMs = endsMs - context.now();
    if (status === undefined || isOver(status) || leftMs <= 0 || signal.aborted) return status;
    await context.wait(Math.min(LOOK_EVERY_MS, leftMs), signal);
  }
}
