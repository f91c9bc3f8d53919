import * as z from 'zod';

/** Chunks in one page of a plan. */
export const CHUNKS_PER_PAGE = 500;

/** Page of the plan that a chunk is on. */
export function pageOf(chunk: number): number {
  return Math.floor(chunk / CHUNKS_PER_PAGE);
}

/** Part of one object, in the state it had when the job was planned. */
export const plannedRange = z.strictObject({
  key: z.string(),
  etag: z.string(),
  versionId: z.string().optional(),
  sizeBytes: z.int().nonnegative(),
  /** Records whose first byte lies from `start` up to, but not at, `end` belong to it. */
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  /** Names of the columns, of a CSV with a header. */
  columns: z.array(z.string()).optional(),
});

/** See {@link plannedRange}. */
export type PlannedRange = z.infer<typeof plannedRange>;

/** What is scored together and committed as one part. */
export const plannedChunk = z.strictObject({
  chunk: z.int().nonnegative(),
  ranges: z.array(plannedRange).min(1),
});

/** See {@link plannedChunk}. */
export type PlannedChunk = z.infer<typeof plannedChunk>;

/** Up to {@link CHUNKS_PER_PAGE} chunks; never changed once written. */
export const planPage = z.strictObject({ chunks: z.array(plannedChunk) });

/** The committed plan: how much there is to do, and which pages say what. */
export const jobPlan = z.strictObject({
  chunks: z.int().nonnegative(),
  pages: z.int().nonnegative(),
  inputs: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** Names the folder of the pages. */
  inputsDigest: z.string(),
  /** sha256 over all pages. */
  planDigest: z.string(),
});

/** See {@link jobPlan}. */
export type JobPlan = z.infer<typeof jobPlan>;
