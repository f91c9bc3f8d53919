import * as z from 'zod';

import { ForbiddenError } from '../../functions/runtime/errors.ts';
import { canonicalJson, shortDigest } from './canonical-json.ts';
import {
  inputsShape,
  jobSpec,
  limitsSchema,
  MAX_RECORD_BYTES,
  modelDigest,
  outputShape,
  policySchema,
  splitShape,
} from './job-spec.ts';
import type { JobSpec } from './job-spec.ts';
import { JOB_ID } from './layout.ts';

const inputs = z
  .strictObject({ bucket: z.string().optional(), ...inputsShape })
  .refine(
    ({ prefix, keys, manifest }) =>
      [prefix, keys, manifest].filter((one) => one !== undefined).length === 1,
    { message: 'must have exactly one of prefix, keys and manifest' },
  )
  .refine(({ format, csv }) => format === 'csv' || isDefault(csv), {
    message: 'is only for the format csv',
    path: ['csv'],
  });

/** What a client asks for. Everything that the tenant or the model settles may be left out. */
export const jobSubmission = z.strictObject({
  jobId: z
    .string()
    .regex(JOB_ID, 'must be 8 to 63 lower-case letters, digits and hyphens')
    .optional()
    .describe('Makes sending twice safe; made from the content when left out'),
  tenant: z.string().optional(),
  model: z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    version: z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .optional(),
    digest: modelDigest.optional(),
  }),
  inputs,
  split: z.strictObject(splitShape).prefault({}),
  limits: limitsSchema.prefault({}),
  policy: policySchema.prefault({}),
  output: z.strictObject({ bucket: z.string().optional(), ...outputShape }).prefault({}),
});

/** See {@link jobSubmission}. */
export type JobSubmission = z.infer<typeof jobSubmission>;

/** What a submission may leave out, from whoever knows. */
export interface SubmissionContext {
  readonly tenant: string;
  /** The tenant's data bucket. */
  readonly bucket: string;
  /** The version that is served now, or the one asked for. */
  readonly model: { readonly version: string; readonly digest: string };
  /** What the inputs are right now, for a job without an id of its own. */
  readonly inputsDigest: string;
}

/**
 * The settled form of a submission. Without an id it gets one from its content and its inputs: the same
 * request over the same objects is the same job.
 * @throws {ForbiddenError} When it names another tenant or bucket.
 */
export function settleSpec(submission: JobSubmission, context: SubmissionContext): JobSpec {
  const { tenant, bucket } = context;
  if ((submission.tenant ?? tenant) !== tenant) {
    throw new ForbiddenError(`This is the tenant ${tenant}; a job of another one cannot run here`);
  }
  for (const named of [submission.inputs.bucket, submission.output.bucket]) {
    if ((named ?? bucket) !== bucket) {
      throw new ForbiddenError(`Jobs of ${tenant} read and write the bucket ${bucket} only`);
    }
  }
  const content = {
    tenant,
    model: { ...context.model, ...submission.model },
    inputs: { ...submission.inputs, bucket },
    split: { maxRecordBytes: MAX_RECORD_BYTES[submission.inputs.format], ...submission.split },
    limits: submission.limits,
    policy: submission.policy,
    output: { ...submission.output, bucket },
  };
  const { inputsDigest } = context;
  const jobId = submission.jobId ?? shortDigest(canonicalJson({ content, inputsDigest }));
  return jobSpec.parse({ jobId, ...content });
}

function isDefault(csv: unknown): boolean {
  return canonicalJson(csv) === canonicalJson(inputsShape.csv.parse({}));
}
