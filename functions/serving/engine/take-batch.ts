import type { Waiting } from './request.ts';

/**
 * The next run: the oldest request and those behind it that fit beside it, in order of arrival. The oldest
 * is always taken, also when it alone has more than `maxRows` rows.
 */
export function takeBatch(
  queue: readonly Waiting[],
  maxRows: number,
): { readonly taken: Waiting[]; readonly left: Waiting[] } {
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  let rows = 0;
  for (const entry of queue) {
    const fits =
      taken[0] === undefined ||
      (entry.signature === taken[0].signature && rows + entry.request.rows <= maxRows);
    if (fits) {
      taken.push(entry);
      rows += entry.request.rows;
    } else {
      left.push(entry);
    }
  }
  return { taken, left };
}
