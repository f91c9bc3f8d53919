import type { JobStatus } from '../../events/jobs/job-status.ts';

/** How much must have been seen before the rest can be guessed. */
const MIN_SEEN_MS = 3000;
const MIN_SEEN_CHUNKS = 2;

/** When a job was looked at first: nothing is known of how fast it went before. */
export interface FirstLook {
  readonly atMs: number;
  readonly chunksDone: number;
}

/**
 * How long a job will still take at the pace that was seen, in seconds; undefined while too little was seen to say,
 * or while nothing moves.
 */
export function secondsLeft(
  { chunks }: Pick<JobStatus, 'chunks'>,
  first: FirstLook,
  nowMs: number,
): number | undefined {
  const seenMs = nowMs - first.atMs;
  const seen = chunks.done - first.chunksDone;
  if (chunks.total === 0 || seenMs < MIN_SEEN_MS || seen < MIN_SEEN_CHUNKS) return undefined;
  return ((chunks.total - chunks.done) * seenMs) / seen / 1000;
}

/** `about 3 min left`: coarse, since it is a guess. */
export function guessText(seconds: number | undefined): string {
  if (seconds === undefined) return 'time left not known yet';
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

/** A job in words: state, chunks, records. */
export function statusText({ state, chunks, records, error }: JobStatus): string {
  const parts = [
    state,
    ...(chunks.total === 0 ? [] : [`${chunks.done} of ${chunks.total} chunks`]),
    `${count(records.ok)} records`,
    ...(records.err === 0 ? [] : [`${count(records.err)} errors`]),
    ...(error === null ? [] : [`${error.code}: ${error.message}`]),
  ];
  return parts.join(', ');
}

/** The same as one line with a bar, no wider than the terminal. */
export function barLine(status: JobStatus, left: string, columns: number): string {
  const { done, total } = status.chunks;
  const share = total === 0 ? 0 : done / total;
  const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
  const text = `${String(percent).padStart(3)} %  ${statusText(status)}, ${left}`;
  const width = Math.min(MAX_BAR, columns - text.length - 4);
  if (width < MIN_BAR) return text.slice(0, Math.max(columns - 1, 0));
  const full = Math.round(share * width);
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}] ${text}`;
}

const MAX_BAR = 30;
const MIN_BAR = 8;

function count(n: number): string {
  return n.toLocaleString('en-GB');
}
