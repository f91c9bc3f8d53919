import { canonicalJson } from './canonical-json.ts';
import { createOnly } from './create-only.ts';
import { tryPublish } from './job-context.ts';
import type { JobContext } from './job-context.ts';
import { jobCancelRequested } from './job-events.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import type { Cancellation } from './result-schema.ts';

/**
 * Tells a job to end early: chunks that nobody works on are left out, running ones may still be committed.
 * The first word stands. False when it had been told before.
 */
export async function endJob(
  context: JobContext,
  spec: JobSpec,
  cancellation: Cancellation,
): Promise<boolean> {
  const key = jobLayout(spec.jobId).cancel;
  const written = await createOnly(context.store, key, canonicalJson(cancellation), {
    contentType: 'application/json',
  });
  if (written === undefined) return false;
  await tryPublish(context, jobCancelRequested(spec));
  return true;
}

/** Lets a job fail for good. */
export async function failJob(
  context: JobContext,
  spec: JobSpec,
  code: string,
  message: string,
): Promise<void> {
  await endJob(context, spec, { state: 'failed', reason: { code, message } });
}
