import * as z from 'zod';

const bucket = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket');

/** What events and batch jobs need to know. Part of the environment's schema. */
export const eventSettings = {
  DATA_BUCKET: bucket
    .optional()
    .describe('The tenant’s bucket for data: batch jobs, and answers to events that are too large'),
  MODELS_BUCKET: bucket
    .default('models')
    .describe('Where models are published: batch jobs look for their version there'),
  BATCH_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The function `batch`, which takes requests with `Prefer: respond-async`'),
  K_SINK: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where events are published: a broker, or the sink of a SinkBinding'),
  UPLOADS_TOKEN: z
    .string()
    // MinIO sends one word as `Bearer <word>`, two as they are, three not at all.
    .regex(/^\S{16,}$/, 'must be one word of at least 16 characters')
    .optional()
    .describe('What the object store sends as bearer token when it tells `uploads` of an object')
    .meta({ secret: true }),
  UPLOAD_BUCKETS: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]=[a-z0-9-]{1,40}(,[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]=[a-z0-9-]{1,40})*$/,
      'must be bucket=tenant, with commas between several',
    )
    .optional()
    .describe(
      'Whose uploads `uploads` hears of, `bucket=tenant,…`; none: those in `DATA_BUCKET`, of `TENANT`',
    ),
} as const;
