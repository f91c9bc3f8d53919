import type { JobContext } from './job-context.ts';
import type { JobSpec } from './job-spec.ts';
import { jobLayout } from './layout.ts';
import { readLease } from './lease.ts';

/**
 * Numbers of the chunks that somebody works on: claims that are fresh by the store's clock and not given
 * back. Those in `done` are not looked at.
 */
export async function liveClaims(
  { store }: JobContext,
  spec: JobSpec,
  done: { has(chunk: number): boolean },
): Promise<number[]> {
  const layout = jobLayout(spec.jobId);
  const live: number[] = [];
  for await (const { key } of store.list({ prefix: layout.claimPrefix })) {
    const chunk = layout.readChunk(key);
    if (chunk === undefined || done.has(chunk)) continue;
    const present = await readLease(store, key);
    if (present === 'contended' || present?.isFree === false) live.push(chunk);
  }
  return live;
}
