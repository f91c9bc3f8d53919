import {
  ObjectNotFoundError,
  PreconditionFailedError,
} from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { JobSpec } from '../job-spec.ts';
import { csvFields } from '../records/csv-row.ts';
import { readRange } from '../records/read-range.ts';
import type { PinnedObject } from '../records/read-range.ts';
import { splitRecords } from '../records/split-records.ts';
import type { RawRecord } from '../records/split-records.ts';
import { PlanError } from './plan-error.ts';
import type { PlannedRange } from './plan-schema.ts';

/**
 * The ranges of one CSV. Where quoted fields may hold line breaks nobody can tell from the middle of a
 * file where a row begins, so every row is looked at and ranges begin with one. Otherwise only the header
 * is read.
 * @throws {PlanError} When the header cannot be read, or the object has changed since it was pinned.
 */
export async function* cutCsv(
  store: ObjectStore,
  { inputs, split }: Pick<JobSpec, 'inputs' | 'split'>,
  object: PinnedObject,
  signal?: AbortSignal,
): AsyncGenerator<PlannedRange, void, undefined> {
  const { csv } = inputs;
  const { sizeBytes } = object;
  let start: number | undefined;
  let columns: string[] | undefined;
  try {
    for await (const row of rows(store, { inputs, split }, object, signal)) {
      if (csv.header && columns === undefined) {
        columns = columnsOf(object.key, row.bytes, csv.delimiter);
        continue;
      }
      const { offset } = row;
      start ??= offset;
      if (!csv.quotedNewlines) break;
      if (offset - start >= split.chunkBytes) {
        yield { ...object, start, end: offset, ...(columns === undefined ? {} : { columns }) };
        start = offset;
      }
    }
  } catch (cause) {
    if (!(cause instanceof PreconditionFailedError || cause instanceof ObjectNotFoundError)) {
      throw cause;
    }
    throw new PlanError('INPUT_CHANGED', `${object.key} changed while it was planned`, { cause });
  }
  if (start === undefined) return;
  const step = csv.quotedNewlines ? sizeBytes : split.chunkBytes;
  for (let from = start; from < sizeBytes; from += step) {
    const end = Math.min(from + step, sizeBytes);
    yield { ...object, start: from, end, ...(columns === undefined ? {} : { columns }) };
  }
}

async function* rows(
  store: ObjectStore,
  { inputs, split }: Pick<JobSpec, 'inputs' | 'split'>,
  object: PinnedObject,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawRecord, void, undefined> {
  const { sizeBytes: end } = object;
  // Only the header is wanted when rows can be found from anywhere.
  const first = inputs.csv.quotedNewlines ? end : Math.min(end, HEADER_BYTES);
  const source = readRange(store, object, { start: 0, end: first, signal });
  const { maxRecordBytes } = split;
  const { quotedNewlines: quoted } = inputs.csv;
  const options = { position: 0, end, skipFirst: false, quoted, maxRecordBytes };
  for await (const some of splitRecords(source, options)) yield* some;
}

const HEADER_BYTES = 64 * 1024;

function columnsOf(key: string, bytes: Buffer | undefined, delimiter: string): string[] {
  if (bytes === undefined) throw new PlanError('INPUT_UNSUPPORTED', `The header of ${key} is huge`);
  let columns: string[];
  try {
    const row = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    columns = csvFields(row, delimiter).map((name) => name.trim());
  } catch (cause) {
    throw new PlanError('INPUT_UNSUPPORTED', `The header of ${key} cannot be read`, { cause });
  }
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice === undefined && !columns.includes('')) return columns;
  const what = columns.includes('') ? 'a column without a name' : `two columns named ${twice}`;
  throw new PlanError('INPUT_UNSUPPORTED', `The header of ${key} has ${what}`);
}
