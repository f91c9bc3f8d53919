import { expect, it } from 'vitest';

import { probeStore } from '../../../../events/jobs/probe-store.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const nonce = (): string => crypto.randomUUID();

it('takes a store of whose writers one wins, and leaves nothing there', async () => {
  const store = memoryStore(() => 0);

  await expect(probeStore({ store, nonce })).resolves.toBeUndefined();
  expect(await Array.fromAsync(store.list({ prefix: '' }))).toEqual([]);
});

it('refuses a store that lets every writer win', async () => {
  const inner = memoryStore(() => 0);
  const store = {
    ...inner,
    put: (key: string, body: Uint8Array | string) => inner.put(key, body),
  };

  await expect(probeStore({ store, nonce })).rejects.toMatchObject({ code: 'CONFIGURATION' });
});
