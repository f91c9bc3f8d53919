import type { Span } from './lease.ts';

/** Records to score together, or one that nobody may score again. */
export interface CarefulSpan extends Span {
  readonly isCrashed: boolean;
}

/** What earlier attempts at a chunk have found out. */
export interface Suspicion {
  readonly suspects: readonly Span[];
  readonly crashed: readonly number[];
}

/**
 * Cuts the records from `from` up to `to` of a chunk into what is scored together: as many at a time as
 * asked for, suspects one by one, and those that have ended a process not at all. `from` is a multiple of
 * `miniBatch`, so that every attempt cuts alike.
 */
export function carefulSpans(
  { from, to }: Span,
  miniBatch: number,
  { suspects, crashed }: Suspicion,
): CarefulSpan[] {
  const isSuspect = (index: number): boolean =>
    suspects.some((span) => index >= span.from && index < span.to);
  const spans: CarefulSpan[] = [];
  if (suspects.length === 0 && crashed.length === 0) {
    for (let start = from; start < to; start += miniBatch) {
      spans.push({ from: start, to: Math.min(start + miniBatch, to), isCrashed: false });
    }
    return spans;
  }
  let open: { from: number; to: number } | undefined;
  for (let index = from; index < to; index += 1) {
    const isCrashed = crashed.includes(index);
    const isAlone = isCrashed || isSuspect(index);
    if (open !== undefined && (isAlone || index % miniBatch === 0)) {
      spans.push({ ...open, isCrashed: false });
      open = undefined;
    }
    if (isAlone) spans.push({ from: index, to: index + 1, isCrashed });
    else open = { from: open?.from ?? index, to: index + 1 };
  }
  if (open !== undefined) spans.push({ ...open, isCrashed: false });
  return spans;
}
