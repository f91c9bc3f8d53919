import type { JobSpec } from './job-spec.ts';
import type { Counts } from './layout.ts';
import type { JobResult } from './result-schema.ts';

/**
 * Why a job has more errors than it may have; undefined when it has not. While it runs, a ratio counts only
 * once there are records enough to tell.
 */
export function exceeded(
  threshold: JobSpec['limits']['errorThreshold'],
  { ok, err }: Counts,
  isWhole: boolean,
): NonNullable<JobResult['reason']> | undefined {
  if (threshold === undefined) return undefined;
  const { records, ratio, minRecords } = threshold;
  const code = 'TOO_MANY_ERRORS';
  if (records !== undefined && err > records) {
    return { code, message: `${err} records have an error, more than ${records}` };
  }
  const total = ok + err;
  if (ratio !== undefined && err / total > ratio && (isWhole || total >= minRecords)) {
    const message = `${err} of ${total} records have an error, more than a share of ${ratio}`;
    return { code, message };
  }
  return undefined;
}
