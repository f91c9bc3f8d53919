import * as z from 'zod';

import { endJob } from '../../events/jobs/end-job.ts';
import { isOver, readStatus } from '../../events/jobs/job-status.ts';
import type { JobStatus } from '../../events/jobs/job-status.ts';
import { JOB_ID } from '../../events/jobs/layout.ts';
import { listJobs } from '../../events/jobs/list-jobs.ts';
import { readResult, readSpec } from '../../events/jobs/read-job.ts';
import { sizeOfResults, streamResults } from '../../events/jobs/stream-results.ts';
import { sweepJob } from '../../events/jobs/sweep-job.ts';
import { parseJson } from '../inputs/parse-json.ts';
import { validate } from '../inputs/validate.ts';
import { ConflictError, NotFoundError } from '../runtime/errors.ts';
import { mediaTypeName } from '../serving/http/media-type.ts';
import type { RequestContext } from '../serving/http/request-context.ts';
import { jsonReply } from '../serving/http/respond.ts';
import type { Reply, Route, StreamedReply } from '../serving/http/route.ts';
import {
  describeCancel,
  describeList,
  describeResults,
  describeStatus,
  describeSubmit,
} from './describe-jobs.ts';
import { readByteRange } from './byte-range.ts';
import { RECORD_TYPES, submitRecords } from './submit-records.ts';
import { submitJob } from './submit-job.ts';
import type { SubmitContext } from './submit-job.ts';
import { waitForJob } from './wait-for-job.ts';

const MAX_WAIT_SECONDS = 60;
const MAX_PAGE = 100;

const waitQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(0)
    .describe('Seconds to wait for its end'),
});
const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(20),
  after: z
    .string()
    .regex(/^\d{13}-[a-z0-9-]+$/, 'must be the `next` of another page')
    .optional()
    .describe('The next of another page'),
});

/** The HTTP API of batch jobs. */
export function jobRoutes(context: SubmitContext): Route[] {
  const path = '/v1/batches';
  return [
    {
      method: 'POST',
      path,
      accepts: ['application/json', ...Object.keys(RECORD_TYPES)],
      describe: describeSubmit,
      handle: (request, _, body) => submit(context, request, body),
    },
    {
      method: 'GET',
      path,
      describe: () => describeList(listQuery),
      handle: (request) => list(context, request),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      describe: () => describeStatus(waitQuery),
      handle: (request, { id = '' }) => status(context, id, request),
    },
    {
      method: 'POST',
      path: `${path}/{id}/cancel`,
      describe: describeCancel,
      handle: (_, { id = '' }) => cancel(context, id),
    },
    {
      method: 'GET',
      path: `${path}/{id}/results`,
      describe: describeResults,
      handle: (request, { id = '' }) => results(context, id, request),
    },
  ];
}

/**
 * A job, or records to make one of. 201 for a new one; 200 for one that was there: it is set going again where it had
 * come to a halt.
 */
async function submit(
  context: SubmitContext,
  { headers: { 'content-type': type = '' }, query }: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const name = mediaTypeName(type);
  const { spec, isNew } = await (Object.hasOwn(RECORD_TYPES, name)
    ? submitRecords(context, name, query, body)
    : submitJob(context, parseJson(body)));
  const headers = { location: `/v1/batches/${spec.jobId}` };
  return jsonReply(isNew ? 201 : 200, await statusOf(context, spec.jobId), headers);
}

async function list(context: SubmitContext, { query }: RequestContext): Promise<Reply> {
  const { limit, after } = validate(listQuery, Object.fromEntries(query), 'The query');
  const { jobIds, next } = await listJobs(context.store, { limit, after });
  const found = await Promise.all(jobIds.map((id) => readStatus(context, id)));
  const data = found.filter((one) => one !== undefined);
  return jsonReply(200, { data, ...(next === undefined ? {} : { next }) });
}

/** As soon as the job is over, or after `?wait=` seconds. */
async function status(
  context: SubmitContext,
  id: string,
  { query, signal }: RequestContext,
): Promise<Reply> {
  const { wait } = validate(waitQuery, Object.fromEntries(query), 'The query');
  requireId(id);
  const found = await waitForJob(context, id, { waitMs: wait * 1000, signal });
  return jsonReply(200, found ?? unknownJob(id));
}

async function cancel(context: SubmitContext, id: string): Promise<Reply> {
  requireId(id);
  const stored = await readSpec(context.store, id);
  if (stored === undefined) return unknownJob(id);
  if ((await readResult(context.store, id)) === undefined) {
    const reason = { code: 'CANCELLED', message: 'The job was cancelled by a request' };
    await endJob(context, stored.spec, { state: 'cancelled', reason });
    // Where nobody is at work, that is the end of it.
    await sweepJob(context, id);
  }
  return jsonReply(202, await statusOf(context, id));
}

/** How long a stream may take: the Service is given 300 s. Whoever needs longer goes on with `Range`. */
const MAX_STREAM_MS = 290_000;

/** All lines, or the bytes that `Range` asks for. */
async function results(
  context: SubmitContext,
  id: string,
  { headers, signal, startedMs }: RequestContext,
): Promise<StreamedReply> {
  const found = await statusOf(context, id);
  const ended = await readResult(context.store, id);
  if (ended === undefined || !isOver(found)) {
    throw new ConflictError(
      `The job ${id} is ${found.state}: its results are there when it is over, see ?wait=`,
    );
  }
  const sizeBytes = sizeOfResults(ended.result);
  const etag = `"${ended.etag}"`;
  const range = readByteRange(headers, { sizeBytes, etag });
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  return {
    status: range === undefined ? 200 : 206,
    contentType: 'application/x-ndjson',
    headers: {
      etag,
      'accept-ranges': 'bytes',
      'content-length': String(end - start),
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
    },
    stream: streamResults(context.store, ended.result, { start, end, signal }),
    deadlineMs: startedMs + MAX_STREAM_MS,
  };
}

async function statusOf(context: SubmitContext, id: string): Promise<JobStatus> {
  requireId(id);
  return (await readStatus(context, id)) ?? unknownJob(id);
}

function requireId(id: string): void {
  if (!JOB_ID.test(id)) unknownJob(id);
}

function unknownJob(id: string): never {
  throw new NotFoundError(`There is no job ${JSON.stringify(id.slice(0, 100))}`);
}
