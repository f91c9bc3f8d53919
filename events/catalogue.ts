import type * as z from 'zod';

import { inferenceRequestData, inferenceResponseData } from './schemas/inference.ts';
import {
  chunkCompletedData,
  chunkRequestedData,
  jobCancelRequestedData,
  jobCompletedData,
  jobProgressData,
  jobSubmittedData,
} from './schemas/jobs.ts';
import { objectCreatedData, tickData } from './schemas/objects.ts';
import type { EventType } from './types.ts';

/** What there is to know of one type of event. */
export interface EventDescription {
  /** One sentence: what it says. */
  readonly says: string;
  readonly source: string;
  readonly subject: string;
  /** How the id is made, so that the same thing said twice has the same one. */
  readonly id: string;
  /** Who sends it. */
  readonly from: string;
  /** Who takes it. */
  readonly to: string;
  /** Of its data. */
  readonly data: z.ZodType;
}

/** Every event type, described: `docs/EVENTS.md` and the JSON Schema files are made from it. */
export const EVENT_CATALOGUE: Readonly<Record<EventType, EventDescription>> = {
  'dev.pilotlight.inference.request.v1': {
    says: 'Predict on these data',
    source: 'the caller’s',
    subject: 'the caller’s, kept in the reply',
    id: 'the caller’s',
    from: 'any application',
    to: 'the function that the extension `model` names',
    data: inferenceRequestData,
  },
  'dev.pilotlight.inference.response.v1': {
    says: 'The prediction for a request',
    source: '`/models/<model>`',
    subject: 'as the request',
    id: 'first 32 digits of the hexadecimal sha256 of the JSON `[source,id]` of the request',
    from: 'a function, as the reply',
    to: 'whoever has a Trigger for it',
    data: inferenceResponseData,
  },
  'dev.pilotlight.job.submitted.v1': {
    says: 'A job is there and can be planned',
    source: '`/batch/<tenant>`',
    subject: '`<job>`',
    id: '`<job>.submitted`',
    from: '`batch`',
    to: '`batch`',
    data: jobSubmittedData,
  },
  'dev.pilotlight.job.progress.v1': {
    says: 'So much of a job is done',
    source: '`/batch/<tenant>`',
    subject: '`<job>`',
    id: '`<job>.p<percent>`',
    from: '`batch`',
    to: 'whoever has a Trigger for it',
    data: jobProgressData,
  },
  'dev.pilotlight.job.completed.v1': {
    says: 'A job has ended, and how',
    source: '`/batch/<tenant>`',
    subject: '`<job>`',
    id: '`<job>.completed`',
    from: '`batch`, or the function that finished last',
    to: 'whoever has a Trigger for it',
    data: jobCompletedData,
  },
  'dev.pilotlight.job.cancelrequested.v1': {
    says: 'A job is to be cancelled',
    source: '`/batch/<tenant>`',
    subject: '`<job>`',
    id: '`<job>.cancel`',
    from: '`batch`',
    to: '`batch`',
    data: jobCancelRequestedData,
  },
  'dev.pilotlight.chunk.requested.v1': {
    says: 'A chunk of a job is to be scored',
    source: '`/batch/<tenant>`',
    subject: '`<job>/<chunk>`',
    id: '`<job>.c<chunk>.t<30 s of the store’s clock>`',
    from: '`batch`, `<model>-batch`',
    to: '`<model>-batch`',
    data: chunkRequestedData,
  },
  'dev.pilotlight.chunk.completed.v1': {
    says: 'A chunk’s results are in the store',
    source: '`/batch/<tenant>`',
    subject: '`<job>/<chunk>`',
    id: '`<job>.c<chunk>`',
    from: '`<model>-batch`',
    to: 'whoever has a Trigger for it',
    data: chunkCompletedData,
  },
  'dev.pilotlight.object.created.v1': {
    says: 'An upload is to be scored',
    source: '`/uploads/<tenant>`',
    subject: 'the object’s key',
    id: 'first 32 digits of the hexadecimal sha256 of the JSON `[bucket,key,version or etag]`',
    from: '`uploads`; the reconciler of `batch`',
    to: '`<model>-batch`',
    data: objectCreatedData,
  },
  'dev.pilotlight.tick.v1': {
    says: 'Look after what is due',
    source: '`/batch/<tenant>`',
    subject: 'none',
    id: 'the time',
    from: 'a PingSource, whose own type is `dev.knative.sources.ping`',
    to: '`batch`',
    data: tickData,
  },
};
