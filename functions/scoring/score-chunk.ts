import { carefulSpans } from '../../events/jobs/careful-spans.ts';
import { writeLine } from '../../events/jobs/commit-part.ts';
import type { PartLine } from '../../events/jobs/part-line.ts';
import type { JobSpec } from '../../events/jobs/job-spec.ts';
import { customIdOf } from '../../events/jobs/records/custom-id.ts';
import { readChunk } from '../../events/jobs/records/read-chunk.ts';
import type { ChunkRecord } from '../../events/jobs/records/read-chunk.ts';
import type { ChunkWork, ScoreChunk } from '../../events/jobs/run-chunk.ts';
import { validate } from '../inputs/validate.ts';
import { InferenceEngineError } from '../runtime/errors.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';
import type { ModelService } from '../serving/service.ts';
import { readRecord } from './read-record.ts';
import type { UsedModel } from './pinned-models.ts';
import type { CheckedInstance } from './predict-batch.ts';
import { scoreRecords } from './score-records.ts';
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

/** Batches that are with the model at once: while it runs one the next ones are prepared, and it joins them. */
const AT_ONCE = 8;

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
  context: ScoringContext,
  service: ModelService,
  work: ChunkWork,
): ReturnType<ScoreChunk> {
  const { spec, chunk, careful, signal } = work;
  let size = spec.split.miniBatch;
  const done: LineOf[][] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const crashes: CrashAllowance = { left: MAX_CRASHED };
  let [first, waiting]: [number, ChunkRecord[]] = [0, []];

  const begin = async (records: readonly ChunkRecord[], from: number): Promise<void> => {
    const spans = carefulSpans(
      { from, to: from + records.length },
      size,
      careful ?? { suspects: [], crashed: [] },
    );
    for (const span of spans) {
      const some = records.slice(span.from - from, span.to - from);
      const place = done.push([]) - 1;
      if (span.isCrashed) {
        done[place] = some.map((record) => crashed(spec, record));
        continue;
      }
      await careful?.probe({ from: span.from, to: span.to });
      const lines = linesOf(service, some, { context, work, crashes }).then(
        (made) => void (done[place] = made),
        (cause: unknown) => void failures.push(cause),
      );
      running.add(lines);
      void lines.then(() => running.delete(lines));
      // In careful mode one at a time: what is said to be scored must be all that is.
      while (running.size >= (careful === undefined ? AT_ONCE : 1)) await Promise.race(running);
      if (failures.length > 0) break;
    }
  };

  for await (const records of readChunk(context.store, spec, chunk, signal)) {
    // Careful attempts must all cut alike, and small.
    if (done.length === 0 && careful === undefined) size = batchSize(size, records);
    waiting.push(...records);
    const whole = waiting.length - (waiting.length % size);
    if (whole === 0) continue;
    await begin(waiting.slice(0, whole), first);
    [first, waiting] = [first + whole, waiting.slice(whole)];
    if (failures.length > 0) break;
  }
  if (failures.length === 0) await begin(waiting, first);
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];

  const all = done.flat();
  const errorLines = all.filter(({ isError }) => isError).map(({ text }) => text);
  const err = errorLines.length;
  const modelDigest = `sha256:${service.model.digest}`;
  return {
    lines: all.map(({ text }) => text),
    errorLines,
    ok: all.length - err,
    err,
    modelDigest,
  };
}

/** Small records go together in larger numbers than asked for: what a batch costs by itself is shared by more. */
function batchSize(asked: number, records: readonly ChunkRecord[]): number {
  const bytes = records.reduce((sum, { bytes: one }) => sum + (one?.length ?? 0), 0);
  const fitting = Math.floor((SMALL_BATCH_BYTES * records.length) / Math.max(bytes, 1));
  return Math.max(asked, Math.min(MAX_SMALL_BATCH, fitting));
}

const SMALL_BATCH_BYTES = 64 * 1024;
const MAX_SMALL_BATCH = 256;

interface LineOf {
  readonly text: string;
  readonly isError: boolean;
}

/** One mini-batch. */
async function linesOf(
  service: ModelService,
  records: readonly ChunkRecord[],
  {
    context: { timeoutMs },
    work: { spec, signal },
    crashes,
  }: {
    readonly context: ScoringContext;
    readonly work: ChunkWork;
    readonly crashes: CrashAllowance;
  },
): Promise<LineOf[]> {
  const read = records.map((record) => readOne(service, spec, record));
  const good = read.flatMap((one) => ('checked' in one ? [one.checked] : []));
  const scored = await scoreRecords(service, good, { signal, timeoutMs, crashes });
  let next = 0;
  return read.map((one) => {
    if (!('checked' in one)) return one.line;
    const { output, error, isCrashed } = scored[next++] ?? {};
    const { head } = one;
    if (isCrashed === true) return crashedLine(head);
    if (error !== undefined) return errorLine(head, error);
    return { text: writeLine({ ...head, output }), isError: false };
  });
}

type Head = Pick<PartLine, 'key' | 'offset' | 'id' | 'input'>;

function readOne(
  { definition }: ModelService,
  spec: JobSpec,
  record: ChunkRecord,
): { readonly head: Head; readonly checked: CheckedInstance } | { readonly line: LineOf } {
  const { inputs, output } = spec;
  const { range, offset } = record;
  const bare: Head = { key: range.key, offset, id: null };
  if (record.bytes === undefined) return { line: problemLine(bare, record.problem) };
  const { format, csv } = inputs;
  let head = bare;
  try {
    const { id, instance, endpoint } = readRecord(
      definition,
      { format, delimiter: csv.delimiter },
      record,
    );
    const withInput = output.includeInput && format !== 'files' ? { input: instance } : {};
    head = { ...bare, id, ...withInput };
    const checked = validate<unknown>(
      endpoint?.request ?? definition.request,
      instance,
      'The record',
    );
    return {
      head,
      checked: { instance: checked, ...(endpoint === undefined ? {} : { endpoint }) },
    };
  } catch (cause) {
    if (cause instanceof InferenceEngineError) return { line: errorLine(head, cause) };
    throw cause;
  }
}

function errorLine(head: Head, { code, message, details, status }: InferenceEngineError): LineOf {
  const retriable = status >= 500;
  const error = { code, message, retriable, ...(details === undefined ? {} : { details }) };
  return { text: writeLine({ ...head, error }), isError: true };
}

function problemLine(head: Head, code: NonNullable<ChunkRecord['problem']>): LineOf {
  const message =
    code === 'RECORD_TOO_LARGE'
      ? 'The record is larger than split.maxRecordBytes'
      : 'The object was overwritten or deleted after the job had been planned';
  const error = { code, message, retriable: code === 'INPUT_CHANGED' };
  return { text: writeLine({ ...head, error }), isError: true };
}

/** A record that the careful attempts have found: it is not scored again. */
function crashed(spec: JobSpec, { range, offset, bytes }: ChunkRecord): LineOf {
  const id = spec.inputs.format === 'jsonl' ? customIdOf(bytes) : null;
  return crashedLine({ key: range.key, offset, id });
}

function crashedLine(head: Head): LineOf {
  const message = 'A process ended while it scored this record';
  const error = { code: 'CRASHED_WORKER', message, retriable: false };
  return { text: writeLine({ ...head, error }), isError: true };
}
