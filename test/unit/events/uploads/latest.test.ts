import { expect, it } from 'vitest';

import { moveLatest } from '../../../../events/uploads/latest.ts';
import type { Upload } from '../../../../events/uploads/upload.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const KEY = 'in/iris/a b.jsonl';
const LATEST = 'out/iris/a b.jsonl/latest.json';
const EARLY = '00000000000000A1';
const MIDDLE = '00000000000000A2';
const LATE = '00000000000000a3';

function upload(etag: string, sequencer?: string): Upload {
  const own = sequencer === undefined ? {} : { sequencer };
  return { tenant: 'test', bucket: 'data-test', key: KEY, size: 1, etag, ...own };
}

async function latestOf(store: ObjectStore): Promise<Record<string, unknown>> {
  const { bytes } = await store.getBytes(LATEST, { maxBytes: 10_000 });
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
}

async function moved(uploads: readonly Upload[]): Promise<unknown> {
  const store = memoryStore(() => 0);
  await store.put(KEY, 'body');
  for (const one of uploads) await moveLatest(store, one, { key: `out/${one.etag}` });
  return (await latestOf(store))['etag'];
}

it('names the upload, its output and its records', async () => {
  const store = memoryStore(() => 0);

  await moveLatest(store, upload('e', LATE), { key: 'out/x', ok: 3, err: 1 });

  expect(await latestOf(store)).toEqual({
    key: KEY,
    etag: 'e',
    sequencer: LATE.toUpperCase(),
    output: 'out/x',
    records: { ok: 3, err: 1 },
  });
});

it('moves to a higher sequencer only, whatever comes first', async () => {
  expect(await moved([upload('one', EARLY), upload('two', LATE)])).toBe('two');
  expect(await moved([upload('two', LATE), upload('one', EARLY)])).toBe('two');
  expect(await moved([upload('two', LATE), upload('other', LATE)])).toBe('two');
});

it('moves to what the key holds where a sequencer is missing', async () => {
  // MD5 of "body".
  const now = '841a2d689ad86bd1611447453c22c6fc';

  expect(await moved([upload('old', LATE), upload(now)])).toBe(now);
  expect(await moved([upload(now), upload('old', LATE)])).toBe(now);
  expect(await moved([upload(now), upload('old')])).toBe(now);
});

it('looks again when somebody else moved it meanwhile', async () => {
  const store = memoryStore(() => 0);
  await moveLatest(store, upload('one', EARLY), { key: 'out/one' });
  let puts = 0;
  const racing: ObjectStore = {
    ...store,
    async put(key, body, options) {
      puts += 1;
      if (puts === 1) await moveLatest(store, upload('three', LATE), { key: 'out/three' });
      return await store.put(key, body, options);
    },
  };

  await moveLatest(racing, upload('two', MIDDLE), { key: 'out/two' });

  expect(puts).toBe(1);
  expect((await latestOf(store))['etag']).toBe('three');
});
