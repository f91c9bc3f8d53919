import { findPart } from './commit-part.ts';
import type { JobContext } from './job-context.ts';
import { jobLayout } from './layout.ts';
import type { Counts } from './layout.ts';

/** Counts of the chunks that are done, by number. */
export type Tallies = ReadonlyMap<number, Counts>;

/** The counts of all chunks that are done and counted, in a thousandth as many calls. */
export async function readTallies(context: JobContext, jobId: string): Promise<Tallies> {
  const layout = jobLayout(jobId);
  const tallies = new Map<number, Counts>();
  for await (const { key } of context.store.list({ prefix: layout.tallyPrefix })) {
    const tally = layout.readTally(key);
    if (tally !== undefined) tallies.set(tally.chunk, { ok: tally.ok, err: tally.err });
  }
  return tallies;
}

/** A committed part with its counts. */
export interface CountedPart extends Counts {
  readonly chunk: number;
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}

/** All parts of a job, in order. One that is not counted yet, since its writer was cut off, is now. */
export async function readParts(context: JobContext, jobId: string): Promise<CountedPart[]> {
  const layout = jobLayout(jobId);
  const parts: Omit<CountedPart, keyof Counts>[] = [];
  for await (const entry of context.store.list({ prefix: layout.partPrefix })) {
    const chunk = layout.readChunk(entry.key);
    const { key, etag, sizeBytes: bytes } = entry;
    if (chunk !== undefined) parts.push({ chunk, key, etag, bytes });
  }
  // Read after the parts: whoever wrote one meanwhile has counted it, or we do.
  const tallies = await readTallies(context, jobId);
  const counted: CountedPart[] = [];
  for (const part of parts) {
    const counts = tallies.get(part.chunk) ?? (await findPart(context, jobId, part.chunk));
    if (counts !== undefined) counted.push({ ...part, ok: counts.ok, err: counts.err });
  }
  return counted;
}

/** The sum of many counts. */
export function sumOf(counts: Iterable<Counts>): Counts {
  let [ok, err] = [0, 0];
  for (const one of counts) [ok, err] = [ok + one.ok, err + one.err];
  return { ok, err };
}
