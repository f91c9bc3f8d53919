import type { EventParts } from '../message.ts';
import { EVENT_TYPES } from '../types.ts';
import type { EventType } from '../types.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import type { Counts } from './layout.ts';
import { pageOf } from './plan/plan-schema.ts';
import type { JobPlan } from './plan/plan-schema.ts';
import type { JobResult } from './result-schema.ts';

/** An event of the batch protocol, before it is put on the wire. */
export interface JobEvent extends EventParts {
  readonly type: EventType;
  /** The same for the same fact, so that consumers can drop repetitions. */
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  /** Which `<model>-batch` it is for; only chunks are for one. */
  readonly model?: string;
  readonly partitionkey: string;
  readonly correlationid: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Address = Pick<JobSpec, 'jobId' | 'tenant'>;

const TIME_BUCKET_MS = 30_000;

/** A job exists and wants to be planned. */
export function jobSubmitted({ jobId, tenant }: Address): JobEvent {
  return jobEvent({ jobId, tenant }, EVENT_TYPES.jobSubmitted, 'submitted');
}

/** A job is to end early. */
export function jobCancelRequested({ jobId, tenant }: Address): JobEvent {
  return jobEvent({ jobId, tenant }, EVENT_TYPES.jobCancelRequested, 'cancel');
}

/**
 * A chunk may be worked on. What it holds is in the plan, so the event cannot disagree with it. Two
 * requests of the same half minute by the store's clock are one event.
 */
export function chunkRequested(
  spec: JobSpec,
  plan: JobPlan,
  chunk: number,
  servedAt: Date,
): JobEvent {
  const { jobId, limits, model } = spec;
  const bucket = Math.floor(servedAt.getTime() / TIME_BUCKET_MS);
  const page = jobLayout(jobId).planPage(plan.inputsDigest, pageOf(chunk));
  return {
    ...jobEvent(spec, EVENT_TYPES.chunkRequested, `c${chunk}.t${bucket}`, {
      chunk,
      lane: chunk % limits.maxConcurrency,
      planDigest: `sha256:${plan.planDigest}`,
      planPage: page.slice(`jobs/${jobId}/`.length),
    }),
    subject: `${jobId}/${chunk}`,
    model: model.name,
  };
}

/** A chunk's part is committed. */
export function chunkCompleted(
  spec: JobSpec,
  chunk: number,
  data: Counts & {
    readonly part: { readonly key: string; readonly etag: string; readonly bytes: number };
    readonly attempt: number;
    readonly durationMs: number;
  },
): JobEvent {
  const { jobId, model } = spec;
  return {
    ...jobEvent(spec, EVENT_TYPES.chunkCompleted, `c${chunk}`, {
      chunk,
      ...data,
      modelDigest: model.digest,
    }),
    subject: `${jobId}/${chunk}`,
  };
}

/** How far a job is. May come late: take the largest. */
export function jobProgress(
  spec: Address,
  progress: Counts & { readonly chunksDone: number; readonly chunksTotal: number },
): JobEvent {
  const percent = Math.floor((100 * progress.chunksDone) / Math.max(progress.chunksTotal, 1));
  return jobEvent(spec, EVENT_TYPES.jobProgress, `p${percent}`, { ...progress });
}

/** A job has reached its final state. */
export function jobCompleted(
  spec: Address & { readonly bucket: string },
  result: JobResult,
  etag: string,
): JobEvent {
  const { jobId, bucket } = spec;
  const { state, chunks, ok, err, startedAt, finishedAt, reason } = result;
  return jobEvent(spec, EVENT_TYPES.jobCompleted, 'completed', {
    state,
    chunks,
    ok,
    err,
    result: { bucket, key: jobLayout(jobId).result, etag },
    startedAt,
    finishedAt,
    ...(reason === undefined ? {} : { reason: `${reason.code}: ${reason.message}` }),
  });
}

function jobEvent(
  { jobId, tenant }: Address,
  type: EventType,
  id: string,
  data: JobEvent['data'] = {},
): JobEvent {
  return {
    type,
    id: `${jobId}.${id}`,
    source: `/batch/${tenant}`,
    subject: jobId,
    partitionkey: jobId,
    correlationid: jobId,
    data: { jobId, tenant, ...data },
  };
}
