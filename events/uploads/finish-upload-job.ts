import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import type { JobContext } from '../jobs/job-context.ts';
import { readJson } from '../jobs/read-json.ts';
import { readResult } from '../jobs/read-job.ts';
import type { JobResult } from '../jobs/result-schema.ts';
import { streamResults } from '../jobs/stream-results.ts';
import { objectCreatedData } from '../schemas/objects.ts';
import { uploadJobLayout } from './layout.ts';
import { commitError, commitPredictions, findOutcome } from './outcome.ts';
import { noneScored } from './none-scored.ts';
import type { Upload } from './upload.ts';

/** Largest output that is put beside an upload: copying more takes longer than an event may. */
const MAX_OUTPUT_BYTES = 8 * 1024 ** 3;

/** Codes with which a job ends that found another object in the place of its input: that one has its own event. */
const CHANGED: ReadonlySet<string> = new Set(['INPUT_CHANGED', 'INPUT_NOT_FOUND']);

/**
 * Puts what a job made of an upload beside it. Does nothing for a job that is not over, or that nobody's upload
 * began. Tells whether there is nothing more to do.
 */
export async function finishUploadJob({ store }: JobContext, jobId: string): Promise<boolean> {
  const { upload: place } = uploadJobLayout(jobId);
  const upload = (await readJson(store, place, objectCreatedData))?.value;
  if (upload === undefined) return true;
  const result = (await readResult(store, jobId))?.result;
  if (result === undefined) return false;
  if ((await findOutcome(store, upload)) === undefined) await commit(store, upload, result);
  return true;
}

async function commit(store: ObjectStore, upload: Upload, result: JobResult): Promise<void> {
  const { state, reason, ok, err, parts, model, jobId } = result;
  if (state !== 'completed' && state !== 'completed_with_errors') {
    const { code, message } = reason ?? { code: 'CHUNK_FAILED', message: 'The job ended early' };
    if (!CHANGED.has(code)) await commitError(store, upload, { code, message });
    return;
  }
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (ok > 0 && bytes > MAX_OUTPUT_BYTES) {
    const message = `The output has ${bytes} bytes: read the results of the job ${jobId} instead`;
    await commitError(store, upload, { code: 'RESPONSE_TOO_LARGE', message });
    return;
  }
  if (ok === 0) {
    await commitError(store, upload, noneScored(err, await firstLine(store, result)));
    return;
  }
  const lines = streamResults(store, result);
  await commitPredictions(store, upload, lines, { ok, err, modelDigest: model.digest });
}

async function firstLine(store: ObjectStore, result: JobResult): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  for await (const piece of streamResults(store, result)) {
    pieces.push(piece);
    if (piece.includes('\n')) break;
  }
  const [line] = Buffer.concat(pieces).toString().split('\n');
  return line === '' ? undefined : line;
}
