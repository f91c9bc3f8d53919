/** What runs took so far, and so what the next ones will. */
export interface ServiceTimes {
  record(rows: number, elapsedMs: number): void;
  /** How long a run of so many rows takes; undefined before anything ran. */
  runMs(rows: number): number | undefined;
}

/** Weight of the newest run in a moving average. */
const NEWEST = 0.2;

/**
 * Moving averages of the time per row, one for each power of two of the size: many models take hardly
 * longer for a batch than for one row, others twice as long for two.
 */
export function createServiceTimes(): ServiceTimes {
  /** By the exponent: from 1, 2, 4, … rows. */
  const perRowMs: (number | undefined)[] = [];
  return {
    record(rows, elapsedMs) {
      const size = sizeOf(rows);
      const before = perRowMs[size];
      const newest = elapsedMs / rows;
      perRowMs[size] = before === undefined ? newest : before + NEWEST * (newest - before);
    },
    runMs(rows) {
      const size = sizeOf(rows);
      // A row costs at most what it costs in a smaller run …
      for (let known = size; known >= 0; known -= 1) {
        const found = perRowMs[known];
        if (found !== undefined) return rows * found;
      }
      // … and a run at most what a larger one takes.
      const larger = perRowMs.findIndex((found) => found !== undefined);
      return larger === -1 ? undefined : 2 ** larger * (perRowMs[larger] ?? 0);
    },
  };
}

function sizeOf(rows: number): number {
  return Math.floor(Math.log2(Math.max(1, rows)));
}

/** What there is to do before a new request's turn. */
export interface Backlog {
  readonly queuedRows: number;
  /** Rows of one run at most. */
  readonly maxRows: number;
  /** Runs that can go on at once. */
  readonly lanes: number;
  /** The runs that go on now: rows, and how long already. */
  readonly running: readonly { readonly rows: number; readonly elapsedMs: number }[];
}

/** How long a new request will wait for its turn; 0 while nothing is known, or when a lane is free. */
export function estimateWaitMs(times: ServiceTimes, backlog: Backlog): number {
  const { queuedRows, maxRows, running } = backlog;
  // One that is being replaced will be there again.
  const lanes = Math.max(1, backlog.lanes);
  const left = running.map(({ rows, elapsedMs }) =>
    Math.max(0, (times.runMs(rows) ?? 0) - elapsedMs),
  );
  const nextFreeMs = left.length < lanes ? 0 : Math.min(...left);
  return nextFreeMs + workMs(times, queuedRows, maxRows) / lanes;
}

function workMs(times: ServiceTimes, rows: number, maxRows: number): number {
  const whole = Math.floor(rows / maxRows);
  const rest = rows % maxRows;
  return (
    (whole === 0 ? 0 : whole * (times.runMs(maxRows) ?? 0)) +
    (rest === 0 ? 0 : (times.runMs(rest) ?? 0))
  );
}
