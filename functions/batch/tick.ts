import type { JobContext } from '../../events/jobs/job-context.ts';
import { sweep } from '../../events/jobs/sweep.ts';

/** Pause between two sweeps while there are jobs, in milliseconds. */
const SWEEP_EVERY_MS = 15_000;

/** Longest time that one tick keeps sweeping: the next one comes after five minutes. */
const TICK_MS = 240_000;

/**
 * Sweeps, and keeps sweeping while there are jobs that are not over. A tenant without any answers at once,
 * so that the function can go to zero.
 */
export async function tick(context: JobContext, signal: AbortSignal): Promise<void> {
  const endsMs = context.now() + TICK_MS;
  for (;;) {
    const active = await sweep(context, signal);
    if (active === 0 || context.now() + SWEEP_EVERY_MS > endsMs || signal.aborted) return;
    await context.wait(SWEEP_EVERY_MS, signal);
    if (signal.aborted) return;
  }
}
