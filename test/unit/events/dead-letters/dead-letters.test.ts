import { expect, it } from 'vitest';

import {
  DEAD_LETTERS_PREFIX,
  listDeadLetters,
  storeDeadLetter,
} from '../../../../events/dead-letters/dead-letters.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const letter = (id: string) => ({
  event: { specversion: '1.0', id, source: '/test', type: 'test', data: { n: 1 } },
  storedAt: '2026-11-21T16:00:00.000Z',
});

it('keeps one place for the same event, whoever sends it how often', async () => {
  const store = memoryStore(() => 0);

  const first = await storeDeadLetter(store, letter('a'));
  const again = await storeDeadLetter(store, letter('a'));
  const other = await storeDeadLetter(store, letter('b'));

  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

it('lists what can be read and leaves out what somebody else has put there', async () => {
  const store = memoryStore(() => 0);
  await storeDeadLetter(store, letter('a'));
  await store.put(`${DEAD_LETTERS_PREFIX}note.json`, 'no JSON');
  await store.put(`${DEAD_LETTERS_PREFIX}other.json`, '{"event":{}}');

  const letters = await Array.fromAsync(listDeadLetters(store, { limit: 10 }));

  expect(letters).toMatchObject([{ event: { id: 'a', source: '/test', data: { n: 1 } } }]);
});
