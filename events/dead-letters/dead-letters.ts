import * as z from 'zod';

import { ObjectNotFoundError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { canonicalJson, sha256 } from '../jobs/canonical-json.ts';

/** Below this lies every event that nobody took. */
export const DEAD_LETTERS_PREFIX = 'dead-letters/';

const deadLetter = z.object({
  /** The event in the JSON format of CloudEvents, with what the broker says of its failure. */
  event: z.looseObject({ id: z.string(), source: z.string(), type: z.string() }),
  storedAt: z.iso.datetime(),
});

/** An event that nobody took. */
export type DeadLetter = z.infer<typeof deadLetter>;

/** One that is kept, under its name. */
export interface StoredDeadLetter extends DeadLetter {
  readonly name: string;
}

/** Bodies of 10 MiB, in base64, with attributes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Keeps an event and gives its name; the same event again takes the same place. */
export async function storeDeadLetter(store: ObjectStore, letter: DeadLetter): Promise<string> {
  const { source, id } = letter.event;
  const name = sha256(JSON.stringify([source, id]));
  await store.put(keyOf(name), canonicalJson(letter), { contentType: 'application/json' });
  return name;
}

/** Up to `limit` of those kept, by name, after a given one; what cannot be read is left out. */
export async function* listDeadLetters(
  store: ObjectStore,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): AsyncGenerator<StoredDeadLetter, void, undefined> {
  let count = 0;
  const from = after === undefined ? {} : { after: keyOf(after) };
  for await (const { key } of store.list({ prefix: DEAD_LETTERS_PREFIX, ...from })) {
    const [, name] = NAME.exec(key) ?? [];
    const letter = name === undefined ? undefined : await readDeadLetter(store, name);
    if (letter === undefined) continue;
    yield letter;
    count += 1;
    if (count === limit) return;
  }
}

const NAME = /\/([0-9a-f]{64})\.json$/;

/** The one of this name; undefined when there is none. */
export async function readDeadLetter(
  store: ObjectStore,
  name: string,
): Promise<StoredDeadLetter | undefined> {
  try {
    const { bytes } = await store.getBytes(keyOf(name), { maxBytes: MAX_BYTES });
    const letter = deadLetter.safeParse(JSON.parse(bytes.toString())).data;
    return letter && { ...letter, name };
  } catch (cause) {
    // It was replayed and removed meanwhile, or somebody else put it here.
    if (cause instanceof ObjectNotFoundError || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Forgets the one of this name. */
export async function deleteDeadLetter(store: ObjectStore, name: string): Promise<void> {
  await store.delete(keyOf(name));
}

function keyOf(name: string): string {
  return `${DEAD_LETTERS_PREFIX}${name}.json`;
}
