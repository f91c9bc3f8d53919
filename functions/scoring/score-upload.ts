import type { ScoredChunk } from '../../events/jobs/commit-part.ts';
import { createJob } from '../../events/jobs/create-job.ts';
import { createOnly } from '../../events/jobs/create-only.ts';
import type { JobContext } from '../../events/jobs/job-context.ts';
import type { JobSpec } from '../../events/jobs/job-spec.ts';
import { CAREFUL_ATTEMPT, claimChunk } from '../../events/jobs/lease.ts';
import { keepLease, LeaseLostError } from '../../events/jobs/lease-keeper.ts';
import type { KeptLease } from '../../events/jobs/lease-keeper.ts';
import { cutChunks } from '../../events/jobs/plan/cut-chunks.ts';
import { PlanError } from '../../events/jobs/plan/plan-error.ts';
import type { PlannedRange } from '../../events/jobs/plan/plan-schema.ts';
import { InputChangedError } from '../../events/jobs/records/read-chunk.ts';
import type { PinnedObject } from '../../events/jobs/records/read-range.ts';
import { isOwnFault } from '../../events/jobs/run-chunk.ts';
import type { ScoreChunk } from '../../events/jobs/run-chunk.ts';
import { jobSubmission, settleSpec } from '../../events/jobs/submission.ts';
import { finishUploadJob } from '../../events/uploads/finish-upload-job.ts';
import { uploadJobLayout, uploadLayout } from '../../events/uploads/layout.ts';
import { noneScored } from '../../events/uploads/none-scored.ts';
import { commitError, commitPredictions, findOutcome } from '../../events/uploads/outcome.ts';
import { readUploadKey, stateOf, uploadJobId, versionOf } from '../../events/uploads/upload.ts';
import type { Upload } from '../../events/uploads/upload.ts';
import {
  ForbiddenError,
  InvalidRequestError,
  ModelNotFoundError,
  ShuttingDownError,
} from '../runtime/errors.ts';

/** What became of an upload's event; nothing of it needs another delivery. */
export type UploadResult =
  | 'committed'
  /** There was something already. */
  | 'done'
  /** Somebody is at it. */
  | 'held'
  /** It has more than one chunk. */
  | 'job'
  /** The object is another one by now, or gone. */
  | 'moot';

/** Who scores uploads, and with what. */
export interface UploadScoring {
  readonly context: JobContext;
  readonly tenant: string;
  readonly model: JobSpec['model'];
  readonly score: ScoreChunk;
  /** As in a lease. */
  readonly owner: string;
  /** How the records of an object are written. */
  readonly formatOf: (key: string) => JobSpec['inputs']['format'];
  /** Largest file, where a whole one is a record. */
  readonly maxFileBytes: number;
}

/** Largest output: it is committed by a single PUT, whose body lies in memory. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Shorter than a job's: what a dead process holds is only asked for again by the next tick that finds it free. */
const LEASE_SECONDS = 30;

/**
 * Scores one upload, and puts beside it what came of it. An upload that cannot be scored gets an error, and
 * keeps nobody else waiting; a large one becomes a job.
 * @throws {InvalidRequestError} When the event names no upload.
 * @throws {ForbiddenError} When it is another tenant's.
 * @throws {ModelNotFoundError} When it is for another model.
 * @throws {InferenceEngineError | ObjectStoreError} When it should be tried again.
 */
export async function scoreUpload(
  scoring: UploadScoring,
  upload: Upload,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { store } = scoring.context;
  requireOwn(scoring, upload);
  if ((await findOutcome(store, upload)) !== undefined) return 'done';
  const object = await pin(scoring.context, upload);
  if (object === undefined) return 'moot';
  const spec = specOf(scoring, upload);
  let chunk: readonly PlannedRange[] | undefined;
  try {
    chunk = await onlyChunk(scoring.context, spec, object, signal);
  } catch (cause) {
    if (!(cause instanceof PlanError)) throw cause;
    if (cause.code === 'INPUT_CHANGED') return 'moot';
    await commitError(store, upload, cause);
    return 'committed';
  }
  if (chunk === undefined) return await toJob(scoring, upload, spec);
  return await scoreOnce(scoring, upload, { spec, ranges: chunk, signal });
}

function requireOwn({ context, tenant, model }: UploadScoring, upload: Upload): void {
  const { store } = context;
  if (upload.tenant !== tenant || upload.bucket !== store.bucket) {
    throw new ForbiddenError(`This is the tenant ${tenant} with the bucket ${store.bucket}`);
  }
  const address = readUploadKey(upload.key);
  if (typeof address === 'string') throw new InvalidRequestError(`No upload: ${address}`);
  if (address.model !== model.name) {
    throw new ModelNotFoundError(`Uploads for ${address.model} are not scored here`);
  }
}

/** The object that was uploaded, as the store has it: what an event says of its size is not to be relied on. */
async function pin({ store }: JobContext, upload: Upload): Promise<PinnedObject | undefined> {
  const { key, etag } = upload;
  const version = versionOf(upload.versionId);
  const meta = await store.head(key, version);
  if (meta === undefined || meta.etag !== etag) return undefined;
  return { key, etag, sizeBytes: meta.sizeBytes, ...version };
}

function specOf({ tenant, model, formatOf, maxFileBytes }: UploadScoring, upload: Upload): JobSpec {
  const format = formatOf(upload.key);
  const jobId = uploadJobId(upload);
  const submission = jobSubmission.parse({
    jobId,
    model,
    inputs: { format, manifest: { key: uploadJobLayout(jobId).manifest } },
    split: format === 'files' ? { maxRecordBytes: maxFileBytes } : {},
    policy: { onChunkFailure: 'skip' },
  });
  return settleSpec(submission, { tenant, bucket: upload.bucket, model, inputsDigest: '' });
}

/** The ranges of the only chunk; undefined when there are more. */
async function onlyChunk(
  { store }: JobContext,
  spec: JobSpec,
  object: PinnedObject,
  signal: AbortSignal,
): Promise<readonly PlannedRange[] | undefined> {
  let only: readonly PlannedRange[] | undefined;
  for await (const ranges of cutChunks(store, spec, [object], signal)) {
    if (only !== undefined) return undefined;
    only = ranges;
  }
  return only ?? [];
}

/** Its job writes down which upload it is for before it exists, so that its end cannot miss that. */
async function toJob(
  { context, model }: UploadScoring,
  upload: Upload,
  spec: JobSpec,
): Promise<UploadResult> {
  const { store } = context;
  const { jobId } = spec;
  const layout = uploadJobLayout(jobId);
  const { key, etag, versionId } = upload;
  await createOnly(store, layout.upload, JSON.stringify(upload));
  await createOnly(store, layout.manifest, `${JSON.stringify({ key, etag, versionId })}\n`);
  await createJob(context, (pinned) => ({ ...spec, model: pinned ?? model }));
  // The word of its end may have been lost.
  await finishUploadJob(context, jobId);
  return 'job';
}

interface UploadWork {
  readonly spec: JobSpec;
  readonly ranges: readonly PlannedRange[];
  readonly signal: AbortSignal;
}

async function scoreOnce(
  { context, score, owner }: UploadScoring,
  upload: Upload,
  { spec, ranges, signal }: UploadWork,
): Promise<UploadResult> {
  const { store } = context;
  const { claim: key } = uploadLayout(upload);
  const { maxAttempts } = spec.limits;
  const leaseSeconds = LEASE_SECONDS;
  const nonce = context.nonce();
  const claim = await claimChunk(store, key, { owner, nonce, leaseSeconds, maxAttempts });
  if (claim.kind === 'held') return 'held';
  if (claim.kind === 'exhausted') {
    const message = `${stateOf(upload)} failed ${maxAttempts} times`;
    await commitError(store, upload, { code: 'CHUNK_FAILED', message });
    return 'committed';
  }
  const kept = keepLease(context, key, claim.lease);
  try {
    const scored = await score({
      spec,
      chunk: { chunk: 0, ranges: [...ranges] },
      signal: AbortSignal.any([signal, kept.signal]),
      careful: carefulOf(kept),
    });
    if (kept.body.probe !== undefined) await kept.calm();
    await commit(context, upload, scored);
    await giveBack(context, kept, false);
    return 'committed';
  } catch (cause) {
    return await afterFailure(context, kept, { cause, isLeaving: signal.aborted });
  }
}

async function commit(
  { store }: JobContext,
  upload: Upload,
  { body, errorLines, ok, err, modelDigest }: ScoredChunk & { readonly modelDigest: string },
): Promise<void> {
  if (ok === 0) {
    await commitError(store, upload, noneScored(err, errorLines[0]));
    return;
  }
  if (body.length > MAX_OUTPUT_BYTES) {
    const message = `The output has ${body.length} bytes: upload fewer records at once`;
    await commitError(store, upload, { code: 'RESPONSE_TOO_LARGE', message });
    return;
  }
  await commitPredictions(store, upload, body, { ok, err, modelDigest });
}

function carefulOf(kept: KeptLease): Parameters<ScoreChunk>[0]['careful'] {
  const { attempt, suspects, crashed } = kept.body;
  if (attempt < CAREFUL_ATTEMPT) return undefined;
  return { suspects, crashed, probe: (span) => kept.probe(span) };
}

async function afterFailure(
  context: JobContext,
  kept: KeptLease,
  { cause, isLeaving }: { readonly cause: unknown; readonly isLeaving: boolean },
): Promise<UploadResult> {
  if (kept.signal.aborted || cause instanceof LeaseLostError) {
    await kept.stop();
    return 'held';
  }
  const isMoot = cause instanceof InputChangedError;
  await giveBack(context, kept, !isLeaving && !isMoot && isOwnFault(cause));
  if (isMoot) return 'moot';
  if (isLeaving) throw new ShuttingDownError('The process has to go before it is done', { cause });
  throw cause;
}

/** Whoever deletes an output and uploads the object again does not have to wait for the claim to run out. */
async function giveBack(context: JobContext, kept: KeptLease, counts: boolean): Promise<void> {
  try {
    await kept.release(counts);
  } catch (failure) {
    context.warn('A claim could not be given back; it runs out by itself', failure);
  }
}
