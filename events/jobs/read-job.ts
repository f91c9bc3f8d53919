import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { jobSpec } from './job-spec.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import { jobPlan, pageOf, planPage } from './plan/plan-schema.ts';
import type { JobPlan, PlannedChunk } from './plan/plan-schema.ts';
import { readJson } from './read-json.ts';
import { cancellation, jobResult } from './result-schema.ts';
import type { Cancellation, JobResult } from './result-schema.ts';

/** A job as it was created. */
export interface StoredSpec {
  readonly spec: JobSpec;
  readonly createdAt: Date;
  /** The store's time as it answered. */
  readonly servedAt: Date;
}

/** What a job is to do; undefined when there is none. */
export async function readSpec(
  store: ObjectStore,
  jobId: string,
  signal?: AbortSignal,
): Promise<StoredSpec | undefined> {
  const found = await readJson(store, jobLayout(jobId).spec, jobSpec, signal);
  if (found === undefined) return undefined;
  const { value: spec, meta } = found;
  const createdAt = new Date(meta.user['created-at'] ?? meta.lastModified);
  return { spec, createdAt, servedAt: meta.servedAt };
}

/** The committed plan; undefined while there is none. */
export async function readPlan(
  store: ObjectStore,
  jobId: string,
  signal?: AbortSignal,
): Promise<JobPlan | undefined> {
  return (await readJson(store, jobLayout(jobId).plan, jobPlan, signal))?.value;
}

/** One chunk of a committed plan; undefined when it has no such chunk. */
export async function readPlannedChunk(
  store: ObjectStore,
  jobId: string,
  plan: JobPlan,
  chunk: number,
  signal?: AbortSignal,
): Promise<PlannedChunk | undefined> {
  if (chunk >= plan.chunks) return undefined;
  const key = jobLayout(jobId).planPage(plan.inputsDigest, pageOf(chunk));
  const page = await readJson(store, key, planPage, signal);
  return page?.value.chunks.find((one) => one.chunk === chunk);
}

/** How a job was told to end, where it was. */
export async function readCancellation(
  store: ObjectStore,
  jobId: string,
  signal?: AbortSignal,
): Promise<Cancellation | undefined> {
  return (await readJson(store, jobLayout(jobId).cancel, cancellation, signal))?.value;
}

/** How a job ended, and the ETag of what says so; undefined while it has not. */
export async function readResult(
  store: ObjectStore,
  jobId: string,
  signal?: AbortSignal,
): Promise<{ result: JobResult; etag: string } | undefined> {
  const found = await readJson(store, jobLayout(jobId).result, jobResult, signal);
  return found && { result: found.value, etag: found.meta.etag };
}
