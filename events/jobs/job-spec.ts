import * as z from 'zod';

import { JOB_ID } from './layout.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX_KEY_BYTES = 1024;

/** A key of the tenant's own data bucket: never an address. */
const objectKey = z
  .string()
  .min(1)
  .refine((key) => Buffer.byteLength(key) <= MAX_KEY_BYTES, {
    message: `must have at most ${MAX_KEY_BYTES} bytes`,
  })
  .refine((key) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(key), {
    message: "must be a key of the tenant's data bucket, not an address",
  });

/** sha256 of a model's `model.json`. */
export const modelDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What a job reads: keys that begin alike, keys by name, or a list of keys that is an object itself. */
export const inputsShape = {
  format: z
    .enum(['jsonl', 'csv', 'files'])
    .describe('Lines of JSON, rows of CSV, or one record per object'),
  prefix: objectKey.optional().describe('Every object whose key begins so'),
  keys: z.array(objectKey).min(1).max(1000).optional(),
  manifest: z
    .strictObject({ key: objectKey, etag: z.string().min(1).optional() })
    .optional()
    .describe('An object of JSON lines `{"key", "etag"?, "versionId"?}`'),
  suffix: z.string().min(1).max(64).optional().describe('Only keys that end so'),
  csv: z
    .strictObject({
      header: z.boolean().default(true).describe('Whether the first row names the columns'),
      delimiter: z.enum([',', ';', '\t', '|']).default(','),
      quotedNewlines: z
        .boolean()
        .default(true)
        .describe('Whether quoted fields may hold line breaks; the planner then reads every row'),
    })
    .prefault({}),
} as const;

const maxRecordBytes = z
  .int()
  .min(KIB)
  .max(64 * MIB);

/** Largest record unless a job says otherwise: a line, or a whole object. */
export const MAX_RECORD_BYTES = { jsonl: MIB, csv: MIB, files: 10 * MIB } as const;

/** How the input is cut. */
export const splitShape = {
  chunkBytes: z
    .int()
    .min(64 * KIB)
    .max(64 * MIB)
    .default(4 * MIB),
  filesPerChunk: z.int().min(1).max(1000).default(32),
  maxRecordBytes: maxRecordBytes.optional(),
  miniBatch: z.int().min(1).max(1024).default(32).describe('Records in one call of the model'),
} as const;

/** How much a job may take. */
export const limitsSchema = z.strictObject({
  maxConcurrency: z.int().min(1).max(256).default(4).describe('Chunks that run at the same time'),
  maxAttempts: z.int().min(1).max(20).default(4).describe('Tries of one chunk'),
  leaseSeconds: z.int().min(15).max(3600).default(120),
  deadline: z.iso.datetime({ offset: true }).optional(),
  errorThreshold: z
    .strictObject({
      records: z.int().nonnegative().optional(),
      ratio: z.number().min(0).max(1).optional(),
      minRecords: z.int().nonnegative().default(1000),
    })
    .optional()
    .describe('More records with an error than that fail the job'),
});

/** What to do when something is not as planned. */
export const policySchema = z.strictObject({
  onInputChanged: z.enum(['fail', 'error-chunk']).default('fail'),
  onChunkFailure: z.enum(['fail', 'skip']).default('fail'),
});

/** What the output looks like. */
export const outputShape = {
  format: z.literal('jsonl').default('jsonl'),
  includeInput: z.boolean().default(false).describe('Whether each line repeats its record'),
} as const;

/** The whole of what a job is to do, settled once and for all when it is created. */
export const jobSpec = z.strictObject({
  jobId: z.string().regex(JOB_ID),
  tenant: z.string().regex(/^[a-z0-9-]{1,40}$/),
  model: z.strictObject({ name: z.string(), version: z.string(), digest: modelDigest }),
  inputs: z.strictObject({ bucket: z.string(), ...inputsShape }),
  split: z.strictObject({ ...splitShape, maxRecordBytes }),
  limits: limitsSchema,
  policy: policySchema,
  output: z.strictObject({ bucket: z.string(), ...outputShape }),
});

/** See {@link jobSpec}. */
export type JobSpec = z.infer<typeof jobSpec>;
