import * as z from 'zod';

import { ObjectNotFoundError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { canonicalJson, sha256 } from '../jobs/canonical-json.ts';

/** Below this lies every event that nobody took. */
export const DEAD_LETTERS_PREFIX = 'dead-letters/';

const deadLetter = z.object({
  /** The event in the JSON format of CloudEvents, the broker's own attributes included. */
  event: z.looseObject({ id: z.string(), source: z.string(), type: z.string() }),
  storedAt: z.iso.datetime(),
});

/** An event that nobody took. */
export type DeadLetter = z.infer<typeof deadLetter>;

const MAX_BYTES = 1024 * 1024;

/** Keeps an event; the same event again takes the same place. */
export async function storeDeadLetter(store: ObjectStore, letter: DeadLetter): Promise<string> {
  const { source, id } = letter.event;
  const name = sha256(JSON.stringify([source, id]));
  const key = `${DEAD_LETTERS_PREFIX}${name}.json`;
  await store.put(key, canonicalJson(letter), { contentType: 'application/json' });
  return key;
}

/** All that are kept, in no particular order; one that cannot be read is left out. */
export async function* listDeadLetters(
  store: ObjectStore,
): AsyncGenerator<DeadLetter & { readonly key: string }, void, undefined> {
  for await (const { key } of store.list({ prefix: DEAD_LETTERS_PREFIX })) {
    const letter = await readDeadLetter(store, key);
    if (letter !== undefined) yield { ...letter, key };
  }
}

async function readDeadLetter(store: ObjectStore, key: string): Promise<DeadLetter | undefined> {
  try {
    const { bytes } = await store.getBytes(key, { maxBytes: MAX_BYTES });
    return deadLetter.safeParse(JSON.parse(bytes.toString())).data;
  } catch (cause) {
    // It was replayed and removed meanwhile, or somebody else put it here.
    if (cause instanceof ObjectNotFoundError || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
