import { sha256 } from './canonical-json.ts';
import { createOnly } from './create-only.ts';
import type { JobContext } from './job-context.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import type { Counts } from './layout.ts';
import type { PartLine } from './part-line.ts';
import type { JobPlan } from './plan/plan-schema.ts';

/** Largest part: it is committed by a single PUT, whose body lies in memory. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

/** A part that is committed, by whomever. */
export interface CommittedPart extends Counts {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  readonly attempt: number;
  /** The store's time as it answered. */
  readonly servedAt: Date;
}

/** What a worker has made of a chunk: a line of JSON for each record, in order. */
export interface ScoredChunk extends Counts {
  /** The lines as they are committed: {@link partBody}. */
  readonly body: Buffer;
  /** Those of the lines that hold an error. */
  readonly errorLines: readonly string[];
}

/** Whose work a part is. */
export interface Author {
  readonly owner: string;
  readonly attempt: number;
  /** Of the model that was used. */
  readonly modelDigest: string;
}

/** The output of a chunk would be too large to be committed in one piece. */
export class PartTooLargeError extends Error {
  constructor(chunk: number, bytes: number) {
    super(
      `The output of chunk ${chunk} has ${bytes} bytes, more than ${MAX_PART_BYTES}: ` +
        'ask for smaller chunks (split.chunkBytes, split.filesPerChunk)',
    );
    this.name = 'PartTooLargeError';
  }
}

/**
 * Commits a chunk: one PUT that only creates. Undefined when its part was there already; it then stays as
 * it is, and ours is dropped.
 * @throws {PartTooLargeError} When it is above {@link MAX_PART_BYTES}.
 * @throws {TypeError} When it was made with another model than the job pins.
 */
export async function commitPart(
  context: JobContext,
  { spec, plan, chunk }: { spec: JobSpec; plan: JobPlan; chunk: number },
  scored: ScoredChunk,
  { owner, attempt, modelDigest }: Author,
): Promise<CommittedPart | undefined> {
  if (modelDigest !== spec.model.digest) {
    throw new TypeError(`Chunk ${chunk} was scored with ${modelDigest}, not ${spec.model.digest}`);
  }
  const { store } = context;
  const layout = jobLayout(spec.jobId);
  const key = layout.part(chunk);
  const { body, ok, err } = scored;
  if (body.length > MAX_PART_BYTES) throw new PartTooLargeError(chunk, body.length);
  const written = await createOnly(store, key, body, {
    contentType: 'application/x-ndjson',
    user: {
      ok: String(ok),
      err: String(err),
      plan: plan.planDigest,
      model: modelDigest,
      attempt: String(attempt),
      writer: owner,
      sha256: sha256(body),
    },
  });
  if (written === undefined) return undefined;
  if (err > 0) await writeErrors(context, spec.jobId, chunk, scored.errorLines);
  await writeTally(context, spec.jobId, chunk, { ok, err });
  const { etag, servedAt } = written;
  return { key, etag, bytes: body.length, ok, err, attempt, servedAt };
}

/**
 * The part of a chunk, undefined while there is none. What follows a commit, and may have been cut off,
 * is done again.
 */
export async function findPart(
  context: JobContext,
  jobId: string,
  chunk: number,
): Promise<CommittedPart | undefined> {
  const { store } = context;
  const key = jobLayout(jobId).part(chunk);
  const meta = await store.head(key);
  if (meta === undefined) return undefined;
  const { etag, sizeBytes: bytes, servedAt, user } = meta;
  const [ok, err, attempt] = [Number(user['ok']), Number(user['err']), Number(user['attempt'])];
  const part = { key, etag, bytes, ok, err, attempt, servedAt };
  // The tally comes last: where it is, nothing was cut off.
  if ((await store.head(jobLayout(jobId).tally(chunk, { ok, err }))) !== undefined) return part;
  if (err > 0) {
    const { bytes: body } = await store.getBytes(key, { maxBytes: MAX_PART_BYTES });
    const lines = body.toString().trimEnd().split('\n');
    await writeErrors(context, jobId, chunk, lines.filter(isErrorLine));
  }
  await writeTally(context, jobId, chunk, { ok, err });
  return part;
}

/** A line of a part, as it is written. */
export function writeLine(line: PartLine): string {
  return JSON.stringify(line);
}

/**
 * What {@link writeLine} writes for a prediction, in less time: a job has millions of them, and the same key
 * in most.
 * @param keyText The key as JSON.
 * @param output What JSON can say; never undefined.
 */
export function writeOutputLine(
  keyText: string,
  { offset, id, input }: Pick<PartLine, 'offset' | 'id' | 'input'>,
  output: unknown,
): string {
  const idText = id === null ? 'null' : JSON.stringify(id);
  const inputText = input === undefined ? '' : `,"input":${JSON.stringify(input)}`;
  const head = `{"key":${keyText},"offset":${offset},"id":${idText}${inputText}`;
  return `${head},"output":${JSON.stringify(output)}}`;
}

/** Lines as a part holds them, each with its line end. */
export function partBody(lines: readonly string[]): Buffer {
  let text = '';
  for (const line of lines) text += `${line}\n`;
  return Buffer.from(text);
}

function isErrorLine(line: string): boolean {
  return 'error' in (JSON.parse(line) as PartLine);
}

/** A copy of the error lines, for people; it can be made again at any time. */
async function writeErrors(
  { store }: JobContext,
  jobId: string,
  chunk: number,
  lines: readonly string[],
): Promise<void> {
  const contentType = 'application/x-ndjson';
  await store.put(jobLayout(jobId).errors(chunk), partBody(lines), { contentType });
}

/** The counts as the name of an empty object: one LIST reads a thousand of them. */
async function writeTally(
  { store }: JobContext,
  jobId: string,
  chunk: number,
  counts: Counts,
): Promise<void> {
  await store.put(jobLayout(jobId).tally(chunk, counts), '');
}
