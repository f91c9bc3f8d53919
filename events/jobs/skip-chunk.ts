import { commitPart, findPart, partBody, writeLine } from './commit-part.ts';
import { failJob } from './end-job.ts';
import type { JobContext } from './job-context.ts';
import type { JobSpec } from './job-spec.ts';
import type { JobPlan } from './plan/plan-schema.ts';
import { readPlannedChunk } from './read-job.ts';
import { customIdOf } from './records/custom-id.ts';
import { InputChangedError, readChunk } from './records/read-chunk.ts';

/**
 * Ends the story of a chunk that used up its attempts: each of its records becomes an error line, or the
 * job fails, as its policy says. Tells whether the job goes on.
 */
export async function skipChunk(
  context: JobContext,
  spec: JobSpec,
  plan: JobPlan,
  chunk: number,
): Promise<boolean> {
  // Its last worker may have committed it and been cut off before it was counted.
  if ((await findPart(context, spec.jobId, chunk)) !== undefined) return true;
  const message = `Chunk ${chunk} failed ${spec.limits.maxAttempts} times`;
  if (spec.policy.onChunkFailure === 'fail') {
    await failJob(context, spec, 'CHUNK_FAILED', message);
    return false;
  }
  try {
    const lines = await errorLines(context, spec, plan, chunk, message);
    const scored = { body: partBody(lines), errorLines: lines, ok: 0, err: lines.length };
    const author = { owner: 'sweeper', attempt: 0, modelDigest: spec.model.digest };
    await commitPart(context, { spec, plan, chunk }, scored, author);
    return true;
  } catch (cause) {
    if (!(cause instanceof InputChangedError)) throw cause;
    await failJob(context, spec, 'INPUT_CHANGED', cause.message);
    return false;
  }
}

async function errorLines(
  { store }: JobContext,
  spec: JobSpec,
  plan: JobPlan,
  chunk: number,
  message: string,
): Promise<string[]> {
  const planned = await readPlannedChunk(store, spec.jobId, plan, chunk);
  if (planned === undefined) throw new TypeError(`The plan of ${spec.jobId} has no chunk ${chunk}`);
  const lines: string[] = [];
  for await (const records of readChunk(store, spec, planned)) {
    for (const { range, offset, bytes } of records) {
      const id = spec.inputs.format === 'jsonl' ? customIdOf(bytes) : null;
      const error = { code: 'CHUNK_FAILED', message, retriable: true };
      lines.push(writeLine({ key: range.key, offset, id, error }));
    }
  }
  return lines;
}
