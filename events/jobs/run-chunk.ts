import {
  ConflictError,
  InferenceEngineError,
  ModelLoadError,
  ModelNotFoundError,
  ShuttingDownError,
} from '../../functions/runtime/errors.ts';
import { ObjectStoreError } from '../../functions/runtime/object-store/errors.ts';
import { commitPart, findPart, PartTooLargeError } from './commit-part.ts';
import type { CommittedPart, ScoredChunk } from './commit-part.ts';
import { failJob } from './end-job.ts';
import { finishJob } from './finish-job.ts';
import { tryPublish } from './job-context.ts';
import type { JobContext } from './job-context.ts';
import { chunkCompleted, chunkRequested } from './job-events.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import { CAREFUL_ATTEMPT, claimChunk } from './lease.ts';
import type { LeaseBody } from './lease.ts';
import { keepLease, LeaseLostError } from './lease-keeper.ts';
import type { KeptLease } from './lease-keeper.ts';
import type { JobPlan, PlannedChunk } from './plan/plan-schema.ts';
import { readPlan, readPlannedChunk, readSpec } from './read-job.ts';
import type { StoredSpec } from './read-job.ts';
import { InputChangedError } from './records/read-chunk.ts';

/** One chunk of a job, as the event names it. */
export interface ChunkAddress {
  readonly jobId: string;
  readonly chunk: number;
}

/** A chunk that is ours to score. */
export interface ChunkWork {
  readonly spec: JobSpec;
  readonly chunk: PlannedChunk;
  /** Aborted when the result would be of no use any more, or when there is no time left for it. */
  readonly signal: AbortSignal;
  /** From the third attempt on: say what you are about to score, and leave out what killed others. */
  readonly careful:
    | (Pick<LeaseBody, 'suspects' | 'crashed'> & Pick<KeptLease, 'probe'>)
    | undefined;
}

/** Makes the lines of a chunk; `modelDigest` is that of the model that made them. */
export type ScoreChunk = (
  work: ChunkWork,
) => Promise<ScoredChunk & { readonly modelDigest: string }>;

/** The job can never be finished, whoever tries: it fails with this code. */
export class JobFault extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JobFault';
    this.code = code;
  }
}

/** What became of a request for a chunk; nothing of it needs another delivery. */
export type ChunkOutcome =
  | 'committed'
  /** It was done, or somebody else did it first. */
  | 'done'
  /** Somebody is at it. */
  | 'held'
  /** All attempts are used up: the sweeper decides. */
  | 'exhausted'
  /** The job is over, told to end, unknown, or has no such chunk. */
  | 'moot';

/** Who works, and until when. */
export interface WorkerOptions {
  /** A name for people: the pod's. */
  readonly owner: string;
  /** Aborted when the process has to go before the chunk can be done. */
  readonly signal?: AbortSignal;
}

/**
 * Does one chunk: claim, score, commit, ask for the next one of its lane, finish the job after the last.
 * Whatever happens, and however often it is called, the chunk gets one part and that part stays.
 * @throws {InferenceEngineError | ObjectStoreError} When it should be tried again: its claim is free then, or
 * will be by itself.
 */
export async function runChunk(
  context: JobContext,
  { jobId, chunk }: ChunkAddress,
  score: ScoreChunk,
  { owner, signal = new AbortController().signal }: WorkerOptions,
): Promise<ChunkOutcome> {
  const { store } = context;
  const [stored, plan, told] = await Promise.all([
    readSpec(store, jobId),
    readPlan(store, jobId),
    store.head(jobLayout(jobId).cancel),
  ]);
  if (stored === undefined || plan === undefined || told !== undefined) return 'moot';
  const job: Job = { stored, plan, chunk };
  const present = await findPart(context, jobId, chunk);
  if (present !== undefined) {
    await goOn(context, job, present);
    return 'done';
  }
  const planned = await readPlannedChunk(store, jobId, plan, chunk);
  if (planned === undefined) return 'moot';

  const { spec } = stored;
  const claimKey = jobLayout(jobId).claim(chunk);
  const { leaseSeconds, maxAttempts } = spec.limits;
  const nonce = context.nonce();
  const claim = await claimChunk(store, claimKey, { owner, nonce, leaseSeconds, maxAttempts });
  if (claim.kind !== 'claimed') return claim.kind;
  const kept = keepLease(context, claimKey, claim.lease);
  const startedMs = context.now();
  try {
    const { modelDigest, ...scored } = await score({
      spec,
      chunk: planned,
      signal: AbortSignal.any([signal, kept.signal]),
      careful: carefulOf(kept),
    });
    // What was scored last has ended nobody.
    if (kept.body.probe !== undefined) await kept.calm();
    const { attempt } = kept.body;
    const author = { owner, attempt, modelDigest };
    const part = await commitPart(context, { spec, plan, chunk }, scored, author);
    await kept.stop();
    if (part !== undefined) {
      const { key, etag, bytes, ok, err } = part;
      const durationMs = Math.max(0, Math.round(context.now() - startedMs));
      const done = { ok, err, part: { key, etag, bytes }, attempt, durationMs };
      await tryPublish(context, chunkCompleted(spec, chunk, done));
    }
    const committed = part ?? (await findPart(context, jobId, chunk));
    if (committed !== undefined) await goOn(context, job, committed);
    return part === undefined ? 'done' : 'committed';
  } catch (cause) {
    return await afterFailure(context, spec, kept, { cause, isLeaving: signal.aborted });
  }
}

interface Job {
  readonly stored: StoredSpec;
  readonly plan: JobPlan;
  readonly chunk: number;
}

/** The next chunk of the lane; at its end, the end of the job where this was the last. */
async function goOn(
  context: JobContext,
  { stored, plan, chunk }: Job,
  { servedAt }: CommittedPart,
): Promise<void> {
  const { spec } = stored;
  const next = chunk + spec.limits.maxConcurrency;
  if (next < plan.chunks) {
    await tryPublish(context, chunkRequested(spec, plan, next, servedAt));
    return;
  }
  // One lane's end. A job that was told to end is the sweeper's, which looks for running workers.
  await finishJob(context, { ...stored, plan }, async () => false);
}

function carefulOf(kept: KeptLease): ChunkWork['careful'] {
  const { attempt, suspects, crashed } = kept.body;
  if (attempt < CAREFUL_ATTEMPT) return undefined;
  return { suspects, crashed, probe: (span) => kept.probe(span) };
}

async function afterFailure(
  context: JobContext,
  spec: JobSpec,
  kept: KeptLease,
  { cause, isLeaving }: { readonly cause: unknown; readonly isLeaving: boolean },
): Promise<ChunkOutcome> {
  if (kept.signal.aborted || cause instanceof LeaseLostError) {
    await kept.stop();
    return 'held';
  }
  const fault = faultOf(cause);
  if (fault !== undefined && !isLeaving) {
    await failJob(context, spec, fault.code, fault.message);
    await kept.release(false);
    return 'moot';
  }
  try {
    await kept.release(!isLeaving && isOwnFault(cause));
  } catch (failure) {
    context.warn('A claim could not be given back; it runs out by itself', failure);
  }
  if (isLeaving)
    throw new ShuttingDownError('The process has to go before the chunk is done', { cause });
  throw cause;
}

/** What would be the same for whoever tries next. */
function faultOf(cause: unknown): { readonly code: string; readonly message: string } | undefined {
  if (cause instanceof JobFault) return cause;
  if (cause instanceof ModelNotFoundError || (cause instanceof ModelLoadError && cause.permanent)) {
    return { code: cause.code, message: cause.message };
  }
  if (cause instanceof PartTooLargeError) return { code: 'PART_TOO_LARGE', message: cause.message };
  if (cause instanceof InputChangedError) return { code: 'INPUT_CHANGED', message: cause.message };
  if (
    cause instanceof ObjectStoreError &&
    (cause.status === 403 || cause.code === 'NoSuchBucket')
  ) {
    return { code: 'STORE_REFUSED', message: cause.message };
  }
  return undefined;
}

/** Whether the chunk itself may be the cause; a store or a machine with a bad moment is not. */
export function isOwnFault(cause: unknown): boolean {
  if (cause instanceof ObjectStoreError) return !cause.transient && cause.code !== 'Aborted';
  const isCapacity =
    cause instanceof ConflictError ||
    (cause instanceof InferenceEngineError && CAPACITY.has(cause.code));
  return !isCapacity;
}

const CAPACITY: ReadonlySet<string> = new Set([
  'QUEUE_FULL',
  'RATE_LIMITED',
  'MODEL_LOAD',
  'SHUTTING_DOWN',
]);
