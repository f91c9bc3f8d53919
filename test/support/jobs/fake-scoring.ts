import { carefulSpans } from '../../../events/jobs/careful-spans.ts';
import { partBody, writeLine } from '../../../events/jobs/commit-part.ts';
import { customIdOf } from '../../../events/jobs/records/custom-id.ts';
import { readChunk } from '../../../events/jobs/records/read-chunk.ts';
import type { ChunkRecord } from '../../../events/jobs/records/read-chunk.ts';
import type { ScoreChunk } from '../../../events/jobs/run-chunk.ts';
import type { MortalProcess } from './mortal-process.ts';

/** A record of the tests: its number, and what happens to whoever scores it. */
export interface TestRecord {
  readonly n: number;
  readonly custom_id?: string;
  readonly padding?: string;
  readonly fate?: 'error' | 'kill';
}

/** Scores records of the tests: doubles their number, fails, or ends the process, as they say. */
export function fakeScoring(process: MortalProcess, pauseMs: () => number): ScoreChunk {
  return async ({ spec, chunk, careful, signal }) => {
    const records: ChunkRecord[] = [];
    for await (const some of readChunk(process.store, spec, chunk)) records.push(...some);
    await process.wait(pauseMs(), signal);
    const lines: string[] = [];
    const errorLines: string[] = [];
    const { miniBatch } = spec.split;
    const whole = { from: 0, to: records.length };
    const suspicion = careful ?? { suspects: [], crashed: [] };
    for (const span of carefulSpans(whole, miniBatch, suspicion)) {
      if (!span.isCrashed) await careful?.probe({ from: span.from, to: span.to });
      for (const record of records.slice(span.from, span.to)) {
        const scored = parse(record);
        if (!span.isCrashed && scored?.fate === 'kill') await process.die();
        const code = span.isCrashed ? 'CRASHED_WORKER' : codeOf(record, scored);
        const { range, offset } = record;
        const head = { key: range.key, offset, id: customIdOf(record.bytes) };
        if (code === undefined) {
          lines.push(writeLine({ ...head, output: { twice: (scored?.n ?? 0) * 2 } }));
          continue;
        }
        const line = writeLine({ ...head, error: { code, message: 'it', retriable: false } });
        lines.push(line);
        errorLines.push(line);
      }
    }
    const err = errorLines.length;
    const ok = lines.length - err;
    return { body: partBody(lines), errorLines, ok, err, modelDigest: spec.model.digest };
  };
}

function codeOf({ problem }: ChunkRecord, record: TestRecord | undefined): string | undefined {
  if (problem !== undefined) return problem;
  if (record === undefined) return 'INVALID_REQUEST';
  return record.fate === 'error' ? 'INVALID_REQUEST' : undefined;
}

function parse({ bytes }: ChunkRecord): TestRecord | undefined {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString()) as TestRecord;
  } catch {
    return undefined;
  }
}
