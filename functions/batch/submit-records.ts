import * as z from 'zod';

import { sha256 } from '../../events/jobs/canonical-json.ts';
import { createOnly } from '../../events/jobs/create-only.ts';
import type { CreatedJob } from '../../events/jobs/create-job.ts';
import { validate } from '../inputs/validate.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import { submitJob } from './submit-job.ts';
import type { SubmitContext } from './submit-job.ts';

/** Records that a request itself can carry, by media type. */
export const RECORD_TYPES: Readonly<Record<string, RecordType>> = {
  'application/x-ndjson': { format: 'jsonl', suffix: 'jsonl' },
  'application/jsonl': { format: 'jsonl', suffix: 'jsonl' },
  'text/csv': { format: 'csv', suffix: 'csv' },
  'image/jpeg': { format: 'files', suffix: 'jpg' },
  'image/png': { format: 'files', suffix: 'png' },
  'image/webp': { format: 'files', suffix: 'webp' },
  'audio/wav': { format: 'files', suffix: 'wav' },
  'application/x-npy': { format: 'files', suffix: 'npy' },
};

/** How a body is read, and what a file of its kind ends in. */
export interface RecordType {
  readonly format: 'jsonl' | 'csv' | 'files';
  readonly suffix: string;
}

/** Below this lies what came with requests, by its digest. */
const INPUTS_PREFIX = 'jobs/_inputs/';

/** The query of a request that carries records. */
export const recordsQuery = z.strictObject({
  model: z.string().describe('With records: the name of the model'),
  version: z
    .string()
    .optional()
    .describe('With records: of the model; that which is served when left out'),
  jobId: z
    .string()
    .optional()
    .describe('With records: makes sending twice safe; made from them when left out'),
});

/**
 * Makes a job of records in a request's body: they are stored first, so that the job reads them as any others.
 * @param type What the body holds: a name of {@link RECORD_TYPES}.
 * @throws {InvalidRequestError} When there are none, or the query names no model.
 * @throws As {@link submitJob}.
 */
export async function submitRecords(
  context: SubmitContext,
  type: string,
  query: URLSearchParams,
  body: Buffer,
): Promise<CreatedJob> {
  const { model, version, jobId } = validate(recordsQuery, Object.fromEntries(query), 'The query');
  const { format, suffix } = RECORD_TYPES[type] as RecordType;
  if (body.length === 0) throw new InvalidRequestError('The body is empty: send records');
  const key = `${INPUTS_PREFIX}${sha256(body)}.${suffix}`;
  await createOnly(context.store, key, body, { contentType: type });
  return await submitJob(context, {
    ...(jobId === undefined ? {} : { jobId }),
    model: { name: model, ...(version === undefined ? {} : { version }) },
    inputs: { format, keys: [key] },
  });
}
