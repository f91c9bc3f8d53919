import { setImmediate as nextTurn } from 'node:timers/promises';

import { carefulSpans } from '../../events/jobs/careful-spans.ts';
import type { JobSpec } from '../../events/jobs/job-spec.ts';
import { readChunk } from '../../events/jobs/records/read-chunk.ts';
import type { ChunkRecord } from '../../events/jobs/records/read-chunk.ts';
import type { ChunkWork, ScoreChunk } from '../../events/jobs/run-chunk.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';
import type { ModelService } from '../serving/service.ts';
import type { UsedModel } from './pinned-models.ts';
import { crashedBatch, scoreBatch } from './score-batch.ts';
import type { CrashAllowance } from './score-records.ts';

/** Where chunks come from, and who predicts. */
export interface ScoringContext {
  /** The tenant's data bucket. */
  readonly store: ObjectStore;
  /** The model that a job pins, whatever is served besides. */
  readonly use: (model: JobSpec['model'], signal: AbortSignal) => Promise<UsedModel>;
  /** Longest time for one run of the model, its turn included, in milliseconds. */
  readonly timeoutMs: number;
}

/** Batches under way beside those that the model computes: one waits for it, one is read or written. */
const AHEAD = 2;

/** Records of one chunk that may end a process of the model: if more do, it is not a matter of records. */
const MAX_CRASHED = 16;

/** Turns the records of a chunk into lines, one each, in their order. */
export function chunkScorer(context: ScoringContext): ScoreChunk {
  return async (work) => {
    const used = await context.use(work.spec.model, work.signal);
    try {
      return await scoreChunk(context, used.service, work);
    } finally {
      used.done();
    }
  };
}

async function scoreChunk(
  { store, timeoutMs }: ScoringContext,
  service: ModelService,
  work: ChunkWork,
): ReturnType<ScoreChunk> {
  const { spec, chunk, careful, signal } = work;
  let size = spec.split.miniBatch;
  const bodies: Buffer[] = [];
  const errorLines: (readonly string[])[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const crashes: CrashAllowance = { left: MAX_CRASHED };
  let records = 0;
  let waiting: ChunkRecord[] = [];

  const begin = async (some: readonly ChunkRecord[], isCrashed: boolean): Promise<void> => {
    const place = bodies.push(EMPTY) - 1;
    const scoring = isCrashed
      ? Promise.resolve(crashedBatch(spec, some))
      : scoreBatch(service, { spec, patience: { signal, timeoutMs, crashes } }, some);
    const scored = scoring.then(
      (made) => {
        // As bytes, outside of what garbage collection moves about, the lines wait for those before them.
        bodies[place] = Buffer.from(made.text);
        errorLines[place] = made.errorLines;
      },
      (cause: unknown) => void failures.push(cause),
    );
    running.add(scored);
    void scored.then(() => running.delete(scored));
    // To the model with it, before the next ones are read.
    await nextTurn();
    // In careful mode one at a time: what is said to be scored must be all that is.
    const atOnce = careful === undefined ? service.engine.sessions() + AHEAD : 1;
    while (running.size >= atOnce) {
      await Promise.race(running);
      // The model begins with the next batch before this thread is busy again: else it would wait for it.
      await nextTurn();
    }
  };

  /** Begins with what waits: all of it, or as much as makes whole batches. */
  const beginAll = async (isLast: boolean): Promise<void> => {
    const whole = isLast ? waiting.length : waiting.length - (waiting.length % size);
    const from = records;
    const spans = carefulSpans({ from, to: from + whole }, size, careful ?? NO_SUSPICION);
    for (const span of spans) {
      if (!span.isCrashed) await careful?.probe({ from: span.from, to: span.to });
      await begin(waiting.slice(span.from - from, span.to - from), span.isCrashed);
      if (failures.length > 0) return;
    }
    records += whole;
    waiting = waiting.slice(whole);
  };

  for await (const some of readChunk(store, spec, chunk, signal)) {
    // Careful attempts must all cut alike, and small.
    if (bodies.length === 0 && careful === undefined) size = batchSize(service, size, some);
    for (const record of some) waiting.push(record);
    if (waiting.length >= size) await beginAll(false);
    if (failures.length > 0) break;
  }
  if (failures.length === 0) await beginAll(true);
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];

  const allErrorLines = errorLines.flat();
  const err = allErrorLines.length;
  return {
    body: Buffer.concat(bodies),
    errorLines: allErrorLines,
    ok: records - err,
    err,
    modelDigest: `sha256:${service.model.digest}`,
  };
}

const EMPTY = Buffer.alloc(0);
const NO_SUSPICION = { suspects: [], crashed: [] };

/**
 * Small records go together in larger numbers than asked for, up to what the model takes in one run: what a
 * batch costs by itself is shared by more.
 */
function batchSize(
  { model }: ModelService,
  asked: number,
  records: readonly ChunkRecord[],
): number {
  const bytes = records.reduce((sum, { bytes: one }) => sum + (one?.length ?? 0), 0);
  const fitting = Math.floor((SMALL_BATCH_BYTES * records.length) / Math.max(bytes, 1));
  return Math.max(asked, Math.min(model.manifest.batch?.max_rows ?? 1, fitting));
}

const SMALL_BATCH_BYTES = 128 * 1024;
