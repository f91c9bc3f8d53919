import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { INDEX_PREFIX, jobOf } from './layout.ts';

/** Some jobs, and where to go on. */
export interface JobPage {
  readonly jobIds: readonly string[];
  /** For the next page; undefined when this is the last one. */
  readonly next: string | undefined;
}

/** Up to `limit` jobs, the newest first, after the place where another page ended. */
export async function listJobs(
  store: ObjectStore,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<JobPage> {
  const jobIds: string[] = [];
  let last: string | undefined;
  const from = after === undefined ? {} : { after: `${INDEX_PREFIX}${after}` };
  for await (const { key } of store.list({ prefix: INDEX_PREFIX, ...from })) {
    const jobId = jobOf(key);
    if (jobId === undefined) continue;
    if (jobIds.length === limit) return { jobIds, next: last };
    jobIds.push(jobId);
    last = key.slice(INDEX_PREFIX.length);
  }
  return { jobIds, next: undefined };
}
