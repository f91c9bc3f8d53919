import * as z from 'zod';

import { jobStatus } from '../../events/jobs/job-status.ts';
import { partLine } from '../../events/jobs/part-line.ts';
import { jobSubmission } from '../../events/jobs/submission.ts';
import type { ApiObject, RouteDescription } from '../serving/http/route.ts';
import { componentRef, jsonSchemaOf, queryParameters } from '../serving/openapi/json-schema.ts';
import { RECORD_TYPES, recordsQuery } from './submit-records.ts';

const STATUS = { 'application/json': { schema: componentRef('JobStatus') } };

/** A job by what it says of itself; its inputs are to be there. */
const EXAMPLE: z.input<typeof jobSubmission> = {
  jobId: 'nightly-2026-11-21',
  model: { name: 'iris' },
  inputs: { format: 'jsonl', prefix: 'in/nightly/', suffix: '.jsonl' },
};

/** The components that the descriptions of the routes refer to. */
export function jobSchemas(): Record<string, ApiObject> {
  return {
    JobSubmission: jsonSchemaOf(jobSubmission, 'input'),
    JobStatus: jsonSchemaOf(jobStatus, 'output'),
    ResultLine: jsonSchemaOf(partLine, 'output'),
    DeadLetter: jsonSchemaOf(deadLetterSummary, 'output'),
  };
}

/** An event that no receiver took, as lists show it. */
export const deadLetterSummary = z
  .strictObject({
    name: z.string().describe('For /v1/dead-letters/{name}/replay'),
    source: z.string(),
    id: z.string(),
    type: z.string(),
    storedAt: z.iso.datetime(),
    receiver: z.string().optional().describe('Who did not take it'),
    status: z.int().optional().describe('What that one answered last'),
  })
  .readonly();

/** `POST /v1/batches`. */
export function describeSubmit(): RouteDescription {
  const records = Object.entries(RECORD_TYPES).map(([type, { format }]): [string, ApiObject] => [
    type,
    format === 'files' ? {} : { schema: { type: 'string' } },
  ]);
  return {
    summary: 'Makes a job: of what lies in the bucket, or of records in the body',
    // A body of records names its model in the query, a job in itself.
    parameters: queryParameters(recordsQuery.partial()),
    requestContent: {
      'application/json': {
        schema: componentRef('JobSubmission'),
        examples: { prefix: { value: EXAMPLE } },
      },
      ...Object.fromEntries(records),
    },
    statuses: [200, 201],
    responseContent: STATUS,
    responseHeaders: { Location: { description: 'The job', schema: { type: 'string' } } },
  };
}

/** `GET /v1/batches`. */
export function describeList(query: z.ZodObject): RouteDescription {
  return {
    summary: 'Jobs, the newest first',
    parameters: queryParameters(query),
    responseContent: { 'application/json': { schema: pageOf('JobStatus') } },
  };
}

/** `GET /v1/batches/{id}`. */
export function describeStatus(query: z.ZodObject): RouteDescription {
  return {
    summary: 'How a job is doing, at once or as soon as it is over',
    parameters: queryParameters(query),
    responseContent: STATUS,
  };
}

/** `POST /v1/batches/{id}/cancel`. */
export function describeCancel(): RouteDescription {
  return {
    summary: 'Ends a job early: chunks in work may end, no other begins',
    statuses: [202],
    responseContent: STATUS,
  };
}

/** `GET /v1/batches/{id}/results`. */
export function describeResults(): RouteDescription {
  return {
    summary:
      'The output of a job that is over: one line for each record, in the order of the input',
    parameters: [
      header('Range', 'Some bytes of it, `bytes=1000-`: to go on where an answer was cut off'),
      header('If-Range', 'The `ETag` of what is there already: another one gives all of it'),
    ],
    statuses: [200, 206],
    responseContent: { 'application/x-ndjson': { schema: componentRef('ResultLine') } },
    responseHeaders: {
      ETag: { schema: { type: 'string' } },
      'Accept-Ranges': { schema: { const: 'bytes' } },
      'Content-Range': { description: 'Of 206: which bytes', schema: { type: 'string' } },
    },
  };
}

function header(name: string, description: string): ApiObject {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

/** `GET /v1/dead-letters`. */
export function describeDeadLetters(query: z.ZodObject): RouteDescription {
  return {
    summary: 'Events that no receiver took',
    parameters: queryParameters(query),
    responseContent: { 'application/json': { schema: pageOf('DeadLetter') } },
  };
}

/** `POST /v1/dead-letters/{name}/replay`. */
export function describeReplay(): RouteDescription {
  return {
    summary: 'Puts an event into the broker again',
    statuses: [202],
    responseContent: { 'application/json': { schema: componentRef('DeadLetter') } },
  };
}

/** A route that brokers call. */
export function describeEvents(summary: string): RouteDescription {
  return { summary, statuses: [202], responseContent: {} };
}

function pageOf(component: string): ApiObject {
  return {
    type: 'object',
    required: ['data'],
    additionalProperties: false,
    properties: {
      data: { type: 'array', items: componentRef(component) },
      next: { type: 'string', description: 'For `after`: there is another page' },
    },
  };
}
