import { writeLine } from '../../events/jobs/commit-part.ts';
import type { JobSpec } from '../../events/jobs/job-spec.ts';
import type { PartLine } from '../../events/jobs/part-line.ts';
import { customIdOf } from '../../events/jobs/records/custom-id.ts';
import type { ChunkRecord } from '../../events/jobs/records/read-chunk.ts';
import { validate } from '../inputs/validate.ts';
import { InferenceEngineError } from '../runtime/errors.ts';
import type { ModelService } from '../serving/service.ts';
import type { CheckedInstance } from './predict-batch.ts';
import { readRecord } from './read-record.ts';
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
  const read = records.map((record) => readOne(service, spec, record));
  const asked = read.filter((one) => typeof one !== 'string');
  const scored = await scoreRecords(service, asked, patience);
  const errorLines: string[] = [];
  let text = '';
  let next = 0;
  for (const one of read) {
    const answer = typeof one === 'string' ? undefined : (scored[next++] as Scored);
    const line = typeof one === 'string' ? one : lineOf(one, answer as Scored);
    if (answer === undefined || !('output' in answer)) errorLines.push(line);
    text += `${line}\n`;
  }
  return { text, errorLines };
}

/** The lines of records that nobody may score again: they have ended processes. */
export function crashedBatch(spec: JobSpec, records: readonly ChunkRecord[]): ScoredBatch {
  const errorLines = records.map(({ range, offset, bytes }) => {
    const id = spec.inputs.format === 'jsonl' ? customIdOf(bytes) : null;
    return crashedLine({ key: range.key, offset, id });
  });
  return { text: errorLines.map((line) => `${line}\n`).join(''), errorLines };
}

/** A record that the model is asked about, and how its line begins. */
interface Asked extends CheckedInstance {
  readonly head: Head;
}

type Head = Pick<PartLine, 'key' | 'offset' | 'id' | 'input'>;

/** What to ask, or the line that says why not. */
function readOne(
  { definition }: ModelService,
  { inputs, output }: JobSpec,
  record: ChunkRecord,
): Asked | string {
  const { range, offset } = record;
  let head: Head = { key: range.key, offset, id: null };
  if (record.problem !== undefined) return problemLine(head, record.problem);
  const { format, csv } = inputs;
  try {
    const { id, instance, endpoint } = readRecord(
      definition,
      { format, delimiter: csv.delimiter },
      record,
    );
    head =
      output.includeInput && format !== 'files'
        ? { key: range.key, offset, id, input: instance }
        : { key: range.key, offset, id };
    const schema = endpoint?.request ?? definition.request;
    const checked = validate<unknown>(schema, instance, 'The record');
    return endpoint === undefined
      ? { head, instance: checked }
      : { head, instance: checked, endpoint };
  } catch (cause) {
    if (cause instanceof InferenceEngineError) return errorLine(head, cause);
    throw cause;
  }
}

function lineOf({ head }: Asked, { output, error, isCrashed }: Scored): string {
  if (isCrashed === true) return crashedLine(head);
  if (error !== undefined) return errorLine(head, error);
  const { key, offset, id, input } = head;
  return writeLine(
    input === undefined ? { key, offset, id, output } : { key, offset, id, input, output },
  );
}

function errorLine(head: Head, { code, message, details, status }: InferenceEngineError): string {
  const retriable = status >= 500;
  const error = { code, message, retriable, ...(details === undefined ? {} : { details }) };
  return writeLine({ ...head, error });
}

function crashedLine(head: Head): string {
  const message = 'A process ended while it scored this record';
  return writeLine({ ...head, error: { code: 'CRASHED_WORKER', message, retriable: false } });
}

function problemLine(head: Head, code: NonNullable<ChunkRecord['problem']>): string {
  const message =
    code === 'RECORD_TOO_LARGE'
      ? 'The record is larger than split.maxRecordBytes'
      : 'The object was overwritten or deleted after the job had been planned';
  return writeLine({ ...head, error: { code, message, retriable: code === 'INPUT_CHANGED' } });
}
