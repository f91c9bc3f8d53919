import { writeLine, writeOutputLine } from '../../events/jobs/commit-part.ts';
import type { JobSpec } from '../../events/jobs/job-spec.ts';
import type { PartLine } from '../../events/jobs/part-line.ts';
import { customIdOf } from '../../events/jobs/records/custom-id.ts';
import type { ChunkRecord } from '../../events/jobs/records/read-chunk.ts';
import { validate } from '../inputs/validate.ts';
import { InferenceEngineError } from '../runtime/errors.ts';
import type { ModelService } from '../serving/service.ts';
import type { CheckedInstance } from './predict-batch.ts';
import { readRecord } from './read-record.ts';
import type { RecordFormat } from './read-record.ts';
import { scoreRecords } from './score-records.ts';
import type { Scored, ScoringPatience } from './score-records.ts';

/** What came of records that were scored together: a line for each, in their order. */
export interface ScoredBatch {
  /** The lines, each with its line end. */
  readonly text: string;
  /** Those of the lines that hold an error, without. */
  readonly errorLines: readonly string[];
}

/**
 * Scores some records of a job together. One that cannot be read, checked or computed gets a line that says
 * so, and is nobody else's concern.
 * @throws {InferenceEngineError} When it is not a matter of the records: the model, the queue, the time.
 */
export async function scoreBatch(
  service: ModelService,
  { spec, patience }: { readonly spec: JobSpec; readonly patience: ScoringPatience },
  records: readonly ChunkRecord[],
): Promise<ScoredBatch> {
  const { format, csv } = spec.inputs;
  const written = { format, delimiter: csv.delimiter };
  const read = records.map((record) => readOne(service, { spec, written }, record));
  const asked = read.filter((one) => typeof one !== 'string');
  const scored = await scoreRecords(service, asked, patience);
  const errorLines: string[] = [];
  const keyText = keyWriter();
  let text = '';
  let next = 0;
  for (const one of read) {
    let line: string;
    if (typeof one === 'string') {
      line = one;
      errorLines.push(line);
    } else {
      const { output, error, isCrashed } = scored[next++] as Scored;
      if (error === undefined && isCrashed !== true) {
        line = writeOutputLine(keyText(one.key), one, output);
      } else {
        line = error === undefined ? crashedLine(one) : errorLine(one, error);
        errorLines.push(line);
      }
    }
    text += `${line}\n`;
  }
  return { text, errorLines };
}

/** Keys as JSON, each written once as long as it stays the same. */
function keyWriter(): (key: string) => string {
  let last: string | undefined;
  let text = '';
  return (key) => {
    if (key !== last) [last, text] = [key, JSON.stringify(key)];
    return text;
  };
}

/** The lines of records that nobody may score again: they have ended processes. */
export function crashedBatch(spec: JobSpec, records: readonly ChunkRecord[]): ScoredBatch {
  const errorLines = records.map(({ range, offset, bytes }) => {
    const id = spec.inputs.format === 'jsonl' ? customIdOf(bytes) : null;
    return crashedLine({ key: range.key, offset, id });
  });
  return { text: errorLines.map((line) => `${line}\n`).join(''), errorLines };
}

/** A record that the model is asked about, with what its line begins with. */
interface Asked extends CheckedInstance, Head {}

type Head = Pick<PartLine, 'key' | 'offset' | 'id' | 'input'>;

/** What to ask, or the line that says why not. */
function readOne(
  { definition }: ModelService,
  { spec, written }: { readonly spec: JobSpec; readonly written: RecordFormat },
  record: ChunkRecord,
): Asked | string {
  const { range, offset } = record;
  const { key } = range;
  let head: Head = { key, offset, id: null };
  if (record.problem !== undefined) return problemLine(head, record.problem);
  try {
    const { id, instance, endpoint } = readRecord(definition, written, record);
    const isWanted = spec.output.includeInput && written.format !== 'files';
    const input = isWanted ? instance : undefined;
    head = { key, offset, id, input };
    const schema = endpoint?.request ?? definition.request;
    const checked = validate<unknown>(schema, instance, 'The record');
    return endpoint === undefined
      ? { key, offset, id, input, instance: checked }
      : { key, offset, id, input, instance: checked, endpoint };
  } catch (cause) {
    if (cause instanceof InferenceEngineError) return errorLine(head, cause);
    throw cause;
  }
}

function errorLine(
  { key, offset, id, input }: Head,
  { code, message, details, status }: InferenceEngineError,
): string {
  const retriable = status >= 500;
  const error = { code, message, retriable, ...(details === undefined ? {} : { details }) };
  return writeLine({ key, offset, id, input, error });
}

function crashedLine({ key, offset, id, input }: Head): string {
  const message = 'A process ended while it scored this record';
  const error = { code: 'CRASHED_WORKER', message, retriable: false };
  return writeLine({ key, offset, id, input, error });
}

function problemLine(head: Head, code: NonNullable<ChunkRecord['problem']>): string {
  const message =
    code === 'RECORD_TOO_LARGE'
      ? 'The record is larger than split.maxRecordBytes'
      : 'The object was overwritten or deleted after the job had been planned';
  return writeLine({ ...head, error: { code, message, retriable: code === 'INPUT_CHANGED' } });
}
