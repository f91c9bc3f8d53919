import * as z from 'zod';

import { CONTESTANT_NAMES } from '../contestants/contestant.ts';

/** A time. */
export const milliseconds = z.number().nonnegative();
const name = z.enum(CONTESTANT_NAMES).describe('Which program');
const what = z.string().describe('What it is, in one line');

const summary = z.strictObject({
  median: milliseconds,
  p95: milliseconds.describe('Nearest rank: one of the values'),
  min: milliseconds,
  max: milliseconds,
});

const memory = z.strictObject({
  private_mb: z
    .number()
    .describe('Pages that no other process maps: `Private_Clean` + `Private_Dirty`, in 10⁶ bytes'),
  private_dirty_mb: z.number().describe('Of those, what the process has written'),
  rss_mb: z.number().describe('All pages in memory, shared ones included'),
});

const absent = z.strictObject({
  name,
  what,
  absent: z.string().describe('Why it could not run on this machine'),
});

const cold = z.strictObject({
  name,
  what,
  first_answer_ms: summary.describe('From exec to the last byte of the first 200'),
  all_ms: z.array(milliseconds).describe('Every run, in order'),
  cpu_ms: summary.optional().describe('CPU time of all threads until that answer; Linux only'),
  memory: memory.optional().describe('Right after the first answer, medians; Linux only'),
  weights: z.enum(['s3', 'local file']).describe('Where the weights came from, seen at the store'),
  store_requests: z.number().describe('Requests that the store answered per start'),
  code_cache: z.literal('accepted').optional().describe('What `/info` said in every run'),
  phases_ms: z
    .record(z.string(), milliseconds)
    .optional()
    .describe('Medians of the phases in `/info`'),
});

const warmPoint = z.strictObject({
  connections: z.int().positive(),
  requests_per_second: z.number().nonnegative().describe('Median of the rounds'),
  p50_ms: milliseconds,
  p95_ms: milliseconds,
  p99_ms: milliseconds.describe('Median of the rounds, as the other two'),
  cpu_us: z
    .number()
    .nonnegative()
    .optional()
    .describe('CPU time of the server for each answer, in µs, its children’s included; Linux only'),
  answers: z.int().positive().describe('Answers of all rounds; every one was checked'),
  refused: z.int().nonnegative().describe('Beside them: 429, in all rounds'),
});

const warm = z.strictObject({
  name,
  what,
  private_mb: z
    .number()
    .optional()
    .describe('After the last point: median of the rounds; Linux only'),
  points: z.array(warmPoint),
});

/** One value over another. */
export const ratio = z.strictObject({
  of: z.string().describe('What is divided: our value and its point'),
  to: name,
  value: z.number().describe('Our median divided by the other one’s median'),
  target: z.string().optional().describe('What it should be, such as `≤ 2`'),
  met: z.boolean().optional(),
});

const machine = z.strictObject({
  cpu: z.string(),
  cpus: z.int().positive(),
  memory_gb: z.number(),
  system: z.string().describe('Kernel and its version'),
  load_average: z.number().describe('Of the last minute, before the first run'),
});

/** What every report has. */
export const commonOfReports = {
  schema: z.literal('pilotlight.bench.v1'),
  command: z.string().describe('What was typed'),
  commit: z.string().describe('Of the clone; `-dirty` when files had changed'),
  started_at: z.iso.datetime(),
  machine,
  versions: z.record(z.string(), z.string()).describe('Of Node and of the packages in use'),
  runs: z.int().positive().describe('Counted rounds'),
  ratios: z.array(ratio),
};

/** What `npm run bench -- cold --out FILE` writes. */
export const coldReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('cold'),
  contestants: z.array(z.union([cold, absent])),
});

/** What `npm run bench -- warm --out FILE` writes. */
export const warmReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('warm'),
  seconds: z.number().positive().describe('How long each point of a round was measured'),
  contestants: z.array(z.union([warm, absent])),
});

/** What `npm run bench -- large --out FILE` writes. */
export const largeReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('large'),
  models: z.array(
    z.strictObject({
      graph_mb: z.number().positive().describe('Size of `model.onnx`, in 10⁶ bytes'),
      contestants: z.array(cold),
    }),
  ),
});

/** What `npm run bench -- health --out FILE` writes. */
export const healthReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('health'),
  seconds: z.number().positive().describe('How long each row of a round was measured'),
  run_ms: milliseconds.describe('Time for each answer of the saturated model: one run'),
  rows: z.array(
    z.strictObject({
      what: z.string().describe('Who was asked, and when'),
      p50_ms: milliseconds.describe('Median of the rounds, as the other two'),
      p95_ms: milliseconds,
      p99_ms: milliseconds,
      answers: z.int().positive(),
    }),
  ),
  target: z.string().describe('Of the p99 while the model is saturated'),
  met: z.boolean(),
});

const podName = z.enum(['pilotlight', 'go-hello', 'fastapi']).describe('Which program');

/** What `npm run bench -- pods --out FILE` writes. */
export const podsReport = z.strictObject({
  ...commonOfReports,
  kind: z.literal('pods'),
  ratios: z.array(ratio.extend({ to: podName })),
  services: z.array(
    z.union([
      z.strictObject({
        name: podName,
        what,
        first_answer_ms: summary.describe('From the request to its whole answer, from zero pods'),
        own_ms: summary.describe(
          'From the start of the user’s container to that answer; it starts at a whole second',
        ),
      }),
      absent.extend({ name: podName }),
    ]),
  ),
});

/** A parsed report of pods. */
export type PodsReport = z.infer<typeof podsReport>;

/** A parsed report of `/healthz`. */
export type HealthReport = z.infer<typeof healthReport>;

/** A parsed report of cold starts. */
export type ColdReport = z.infer<typeof coldReport>;

/** A parsed report of throughput. */
export type WarmReport = z.infer<typeof warmReport>;

/** A parsed report of cold starts with large models. */
export type LargeReport = z.infer<typeof largeReport>;
