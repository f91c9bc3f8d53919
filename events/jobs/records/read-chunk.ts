import {
  ObjectNotFoundError,
  PreconditionFailedError,
} from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { JobSpec } from '../job-spec.ts';
import type { PlannedChunk, PlannedRange } from '../plan/plan-schema.ts';
import { readRange } from './read-range.ts';
import { splitRecords } from './split-records.ts';
import type { RawRecord, RecordContent } from './split-records.ts';

/** One record of a chunk and where it comes from; either what it holds or why that is not known. */
export type ChunkRecord = {
  readonly range: PlannedRange;
  readonly offset: number;
} & (
  | (RecordContent & { readonly problem?: undefined })
  | { readonly bytes?: undefined; readonly problem: 'RECORD_TOO_LARGE' | 'INPUT_CHANGED' }
);

/** An object is not the one that was planned with, or is gone, and the job wants to fail then. */
export class InputChangedError extends Error {
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(`${key} was overwritten or deleted after the job had been planned`, options);
    this.name = 'InputChangedError';
    this.key = key;
  }
}

/**
 * All records of a chunk, in the order of the input, as many at a time as arrive together. Reading the
 * same chunk again gives the same records, unless an object has changed meanwhile: then there is one
 * record that says so in place of the rest of it.
 * @throws {InputChangedError} Instead, when the job's policy is to fail.
 */
export async function* readChunk(
  store: ObjectStore,
  spec: ReadingSpec,
  chunk: PlannedChunk,
  signal?: AbortSignal,
): AsyncGenerator<ChunkRecord[], void, undefined> {
  for (const range of chunk.ranges) {
    try {
      for await (const records of readPlanned(store, spec, range, signal)) {
        yield records.map((raw) =>
          raw.isTooLarge === true
            ? { range, offset: raw.offset, problem: 'RECORD_TOO_LARGE' as const }
            : new Located(range, raw),
        );
      }
    } catch (cause) {
      if (!isGone(cause)) throw cause;
      if (spec.policy.onInputChanged === 'fail') throw new InputChangedError(range.key, { cause });
      yield [{ range, offset: range.start, problem: 'INPUT_CHANGED' }];
    }
  }
}

/** Asks for what a record holds only when somebody wants it. */
class Located implements RecordContent {
  readonly range: PlannedRange;
  readonly offset: number;
  readonly #content: RecordContent;

  constructor(range: PlannedRange, record: RecordContent & { readonly offset: number }) {
    this.range = range;
    this.offset = record.offset;
    this.#content = record;
  }

  get bytes(): Buffer {
    return this.#content.bytes;
  }

  get text(): string | undefined {
    return this.#content.text;
  }
}

type ReadingSpec = Pick<JobSpec, 'inputs' | 'split' | 'policy'>;

function isGone(cause: unknown): boolean {
  return cause instanceof PreconditionFailedError || cause instanceof ObjectNotFoundError;
}

function readPlanned(
  store: ObjectStore,
  spec: ReadingSpec,
  range: PlannedRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawRecord[], void, undefined> {
  return spec.inputs.format === 'files'
    ? readWhole(store, range, spec.split.maxRecordBytes, signal)
    : readLines(store, spec, range, signal);
}

function readLines(
  store: ObjectStore,
  { inputs, split }: ReadingSpec,
  range: PlannedRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawRecord[], void, undefined> {
  // The byte before tells whether a record begins at `start` or goes on there.
  const start = Math.max(range.start - 1, 0);
  return splitRecords(readRange(store, range, { start, end: range.end, signal }), {
    position: start,
    end: range.end,
    skipFirst: range.start > 0,
    quoted: inputs.format === 'csv' && inputs.csv.quotedNewlines,
    maxRecordBytes: split.maxRecordBytes,
  });
}

async function* readWhole(
  store: ObjectStore,
  range: PlannedRange,
  maxRecordBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawRecord[], void, undefined> {
  if (range.sizeBytes > maxRecordBytes) {
    yield [{ offset: 0, isTooLarge: true }];
    return;
  }
  const bytes = await Array.fromAsync(
    readRange(store, range, { start: 0, end: range.sizeBytes, signal }),
  );
  yield [{ offset: 0, bytes: Buffer.concat(bytes) }];
}
