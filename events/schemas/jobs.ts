import * as z from 'zod';

const jobId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{7,62}$/)
  .describe('The job; also subject and correlationid');
const tenant = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/)
  .describe('Whose job it is');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const chunk = count.describe('Number of the chunk, from 0');

/** Data of `job.submitted`: the specification itself is in the store. */
export const jobSubmittedData = z.strictObject({ jobId, tenant });

/** Data of `job.cancelrequested`. */
export const jobCancelRequestedData = z.strictObject({ jobId, tenant });

/** Data of `job.progress`. Events come in any order: take the largest. */
export const jobProgressData = z.strictObject({
  jobId,
  tenant,
  chunksDone: count,
  chunksTotal: count,
  ok: count.describe('Records with a prediction'),
  err: count.describe('Records with an error'),
});

/** Data of `job.completed`, whatever the end was. */
export const jobCompletedData = z.strictObject({
  jobId,
  tenant,
  state: z.enum(['completed', 'completed_with_errors', 'failed', 'cancelled', 'expired']),
  chunks: count,
  ok: count,
  err: count,
  result: z.strictObject({ bucket: z.string(), key: z.string(), etag: z.string() }),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  reason: z.string().optional(),
});

/** Data of `chunk.requested`: ids only, what to do is read from the plan. */
export const chunkRequestedData = z.strictObject({
  jobId,
  tenant,
  chunk,
  lane: count,
  planDigest: digest,
  planPage: z.string(),
});

/** Data of `chunk.completed`. */
export const chunkCompletedData = z.strictObject({
  jobId,
  tenant,
  chunk,
  ok: count,
  err: count,
  part: z.strictObject({ key: z.string(), etag: z.string(), bytes: count }),
  attempt: z.int().positive(),
  durationMs: count,
  modelDigest: digest,
});
