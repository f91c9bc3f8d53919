import { setImmediate } from 'node:timers/promises';

/** Long enough for a probe to wait: after each such time others have a turn. */
const TURN_MS = 10;

/** `work` on the items of one request in their order; other requests get their turns in between. */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => void,
): Promise<void> {
  let sinceMs = performance.now();
  for (const [index, item] of items.entries()) {
    work(item, index);
    if (performance.now() - sinceMs < TURN_MS) continue;
    await setImmediate();
    sinceMs = performance.now();
  }
}
