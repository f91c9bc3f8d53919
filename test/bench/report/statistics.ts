/** A sample's summary, in the unit of its values. */
export interface Summary {
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** The summary of at least one value, rounded to three digits after the point. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: rounded(median(values)),
    p95: rounded(percentile(values, 95)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
  };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (!Number.isInteger(middle)) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `percent` of all do not exceed (nearest rank: never made up). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Three digits after the point. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
