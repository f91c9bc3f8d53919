import * as z from 'zod';

/** Why a job ended early: a code for programs, a sentence for people. */
export const endReason = z.strictObject({ code: z.string(), message: z.string() });

/** Ends that a job can be told to have. */
export const cancellation = z.strictObject({
  state: z.enum(['cancelled', 'failed', 'expired']),
  reason: endReason,
});

/** See {@link cancellation}. */
export type Cancellation = z.infer<typeof cancellation>;

/** How a job ended; written once. */
export const jobResult = z.strictObject({
  jobId: z.string(),
  state: z.enum(['completed', 'completed_with_errors', 'failed', 'cancelled', 'expired']),
  chunks: z.int().nonnegative(),
  ok: z.int().nonnegative(),
  err: z.int().nonnegative(),
  /** The output, in order: these parts and no others. */
  parts: z.array(
    z.strictObject({
      chunk: z.int().nonnegative(),
      key: z.string(),
      etag: z.string(),
      bytes: z.int().nonnegative(),
      ok: z.int().nonnegative(),
      err: z.int().nonnegative(),
    }),
  ),
  model: z.strictObject({ name: z.string(), version: z.string(), digest: z.string() }),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  reason: endReason.optional(),
});

/** See {@link jobResult}. */
export type JobResult = z.infer<typeof jobResult>;
