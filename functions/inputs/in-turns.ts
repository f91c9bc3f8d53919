import { createTurns } from './turns.ts';

/** Long enough for a probe to wait: after each such time others have a turn. */
const TURN_MS = 10;

/** `work` on the items of one request in their order; other requests get their turns in between. */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => void,
): Promise<void> {
  const turns = createTurns(TURN_MS);
  for (const [index, item] of items.entries()) {
    work(item, index);
    if (turns.isOver()) await turns.next();
  }
}
