import * as z from 'zod';

import { commonOfReports, milliseconds, ratio } from './report-schema.ts';

const rate = z.number().nonnegative();

/** What `npm run bench -- jobs --out FILE` writes. Values are medians of all rounds. */
export const jobsReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('jobs'),
  ratios: z.array(ratio.extend({ to: z.string() })),
  chunk_mb: z.number().positive().describe('Size of a chunk, in 10⁶ bytes'),
  chunk_records: z.int().positive(),
  job_chunks: z.int().positive().describe('Chunks of each job'),
  http_per_second: rate.describe('Single predictions over 32 connections, straight to a process'),
  events_per_second: rate.describe('From publisher to receiver, through the local broker'),
  stores: z.array(
    z.strictObject({
      store: z.enum(['stand-in', 'minio']),
      scoring_per_second: rate.describe('Records of a chunk, read and scored by a worker'),
      loop_per_second: rate.describe('The same by the plain loop'),
      run_per_second: rate.describe('The same, counting only the time inside of ONNX Runtime'),
      protocol_ms: z.strictObject({
        median: milliseconds.describe('Look, claim, commit, count and publish of a chunk'),
        p90: milliseconds,
        target: z.string(),
        met: z.boolean(),
      }),
      commit_ms: milliseconds.describe('The same with the output of a chunk to be committed'),
      jobs: z.array(
        z.strictObject({
          workers: z.int().positive(),
          records_per_second: rate.describe('From the submission to the result'),
        }),
      ),
      upload_ms: z.strictObject({
        cold: milliseconds.describe('From the upload to its predictions, no function running'),
        warm: milliseconds,
      }),
    }),
  ),
});

/** A parsed report of jobs. */
export type JobsReport = z.infer<typeof jobsReport>;
