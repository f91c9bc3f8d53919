/** How job ids look; names that begin with `_` are the layout's own. */
export const JOB_ID = /^[a-z0-9][a-z0-9-]{7,62}$/;

/** Most chunks of one job: their numbers have six digits, so that keys sort as numbers do. */
export const MAX_CHUNKS = 1_000_000;

/** Below this lies everything of all jobs. */
const JOBS_PREFIX = 'jobs/';

/** Below this lies one empty object for each job that is not over and told of. */
export const ACTIVE_PREFIX = 'jobs/_active/';

/** Below this lies one empty object for each job; a listing gives the newest first. */
export const INDEX_PREFIX = 'jobs/_index/';

/** The keys of one job in its tenant's data bucket. */
export interface JobLayout {
  /** Marks a job that the sweeper must look after; removed once its completion has been published. */
  readonly active: string;
  readonly spec: string;
  readonly plan: string;
  /** Lease of whoever plans. */
  readonly planClaim: string;
  readonly cancel: string;
  readonly result: string;
  readonly success: string;
  readonly partPrefix: string;
  readonly tallyPrefix: string;
  readonly claimPrefix: string;
  /** `digest` is that of the pinned inputs: two planners that saw different ones write different pages. */
  planPage(digest: string, page: number): string;
  claim(chunk: number): string;
  part(chunk: number): string;
  errors(chunk: number): string;
  tally(chunk: number, counts: Counts): string;
  /** Number and counts of a tally's key. */
  readTally(key: string): ({ readonly chunk: number } & Counts) | undefined;
  /** Number in a part's or a claim's key. */
  readChunk(key: string): number | undefined;
}

/** Records that became a prediction, and records that became an error. */
export interface Counts {
  readonly ok: number;
  readonly err: number;
}

/** Where the objects of a job lie. Nothing lies below an object's own key: MinIO would not list it. */
export function jobLayout(jobId: string): JobLayout {
  const home = `${JOBS_PREFIX}${jobId}/`;
  return {
    active: `${ACTIVE_PREFIX}${jobId}`,
    spec: `${home}spec.json`,
    plan: `${home}plan.json`,
    planClaim: `${home}claims/plan`,
    cancel: `${home}cancel.json`,
    result: `${home}result.json`,
    success: `${home}_SUCCESS`,
    partPrefix: `${home}out/`,
    tallyPrefix: `${home}tally/`,
    claimPrefix: `${home}claims/`,
    planPage: (digest, page) => `${home}plan/${digest}/p${String(page).padStart(5, '0')}.json`,
    claim: (chunk) => `${home}claims/${digits(chunk)}`,
    part: (chunk) => `${home}out/part-${digits(chunk)}.jsonl`,
    errors: (chunk) => `${home}err/part-${digits(chunk)}.jsonl`,
    tally: (chunk, { ok, err }) => `${home}tally/${digits(chunk)}.ok=${ok}.err=${err}`,
    readTally(key) {
      const [, chunk, ok, err] = /\/tally\/(\d{6})\.ok=(\d+)\.err=(\d+)$/.exec(key) ?? [];
      if (chunk === undefined) return undefined;
      return { chunk: Number(chunk), ok: Number(ok), err: Number(err) };
    },
    readChunk(key) {
      const [, chunk] = /\/(?:out\/part-(?=\d{6}\.jsonl$)|claims\/)(\d{6})/.exec(key) ?? [];
      return chunk === undefined ? undefined : Number(chunk);
    },
  };
}

/** The key that lists a job among all others, newest first. */
export function indexKey(jobId: string, createdAtMs: number): string {
  return `${INDEX_PREFIX}${String(LATEST_MS - createdAtMs).padStart(LATEST_DIGITS, '0')}-${jobId}`;
}

/** The job of a key below {@link INDEX_PREFIX} or {@link ACTIVE_PREFIX}. */
export function jobOf(key: string): string | undefined {
  const name = key.startsWith(INDEX_PREFIX)
    ? key.slice(INDEX_PREFIX.length + LATEST_DIGITS + 1)
    : key.slice(ACTIVE_PREFIX.length);
  return JOB_ID.test(name) ? name : undefined;
}

const LATEST_MS = 9_999_999_999_999;
const LATEST_DIGITS = 13;

function digits(chunk: number): string {
  return String(chunk).padStart(6, '0');
}
