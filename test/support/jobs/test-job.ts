import type { JobSubmission } from '../../../events/jobs/submission.ts';
import { jobSubmission, settleSpec } from '../../../events/jobs/submission.ts';
import type { JobSpec } from '../../../events/jobs/job-spec.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { PartLine } from '../../../events/jobs/part-line.ts';
import { readResult } from '../../../events/jobs/read-job.ts';
import { streamResults } from '../../../events/jobs/stream-results.ts';
import type { JobResult } from '../../../events/jobs/result-schema.ts';
import type { TestRecord } from './fake-scoring.ts';

const MODEL = { version: '1', digest: `sha256:${'a'.repeat(64)}` };

/** A settled spec over `in/a.jsonl`, with what a test wants otherwise. */
export function testSpec(changes: Record<string, unknown> = {}): JobSpec {
  return settle(
    jobSubmission.parse({
      jobId: 'job-under-test',
      model: { name: 'iris' },
      inputs: { format: 'jsonl', prefix: 'in/' },
      ...changes,
    }),
  );
}

/** The spec of a submission to the tenant of the tests. */
function settle(submission: JobSubmission, model?: JobSpec['model']): JobSpec {
  return settleSpec(submission, {
    tenant: 'test',
    bucket: 'data-test',
    model: model ?? MODEL,
    inputsDigest: 'none',
  });
}

/** Lines of JSON, the records of the tests. */
export function jsonLines(records: readonly TestRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The result of a job that is over, and the lines that it names. */
export async function outputOf(
  store: ObjectStore,
  jobId: string,
): Promise<{ result: JobResult; lines: PartLine[] }> {
  const ended = await readResult(store, jobId);
  if (ended === undefined) throw new Error(`${jobId} has no result`);
  const pieces = await Array.fromAsync(streamResults(store, ended.result));
  const text = Buffer.concat(pieces).toString();
  const lines = text.split('\n').slice(0, -1);
  return { result: ended.result, lines: lines.map((line) => JSON.parse(line) as PartLine) };
}
