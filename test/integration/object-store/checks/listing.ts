import { expect, it } from 'vitest';

import { collect, freshKey } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

/** Listing: order, pages, prefixes. */
export function checkListing(fixture: () => Fixture): void {
  it('lists in UTF-8 byte order, only below the prefix, with size and ETag', async () => {
    const { store } = fixture();
    const folder = freshKey('');
    // U+FF5E sorts below U+1F680 as UTF-8 and above it as JavaScript strings.
    // No key is also a folder of another: MinIO would not list what lies below it.
    const names = ['B', 'a-b', 'a/1', 'ab', 'z', 'é', '～', '🚀'];

    for (const name of names.toReversed()) await store.put(folder + name, name);
    await store.put(`${folder.slice(0, -1)}0`, 'not below');
    const entries = await collect(store.list({ prefix: folder }));

    expect(entries.map(({ key }) => key)).toEqual(names.map((name) => folder + name));
    expect(entries.map(({ sizeBytes }) => sizeBytes)).toEqual(
      names.map((n) => Buffer.byteLength(n)),
    );
    expect(entries[0]?.etag).toBe((await store.head(`${folder}B`))?.etag);
    expect(entries[0]?.lastModified.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('lists more than one page, each key once', async () => {
    const { store } = fixture();
    const folder = freshKey('');
    const keys = Array.from({ length: 1100 }, (_, n) => `${folder}${String(n).padStart(5, '0')}`);

    const rest = [...keys];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let key = rest.pop(); key !== undefined; key = rest.pop()) await store.put(key, 'x');
      }),
    );
    const entries = await collect(store.list({ prefix: folder }));

    expect(entries.map(({ key }) => key)).toEqual(keys);
  });

  it('begins after a key, which need not exist', async () => {
    const { store } = fixture();
    const folder = freshKey('');

    for (const name of ['1', '2', '3']) await store.put(folder + name, name);
    const after = async (name: string): Promise<string[]> => {
      const entries = await collect(store.list({ prefix: folder, after: folder + name }));
      return entries.map(({ key }) => key.slice(folder.length));
    };

    expect(await after('1')).toEqual(['2', '3']);
    expect(await after('1x')).toEqual(['2', '3']);
    expect(await after('3')).toEqual([]);
  });

  it('sees a write and a delete at once', async () => {
    const { store } = fixture();
    const folder = freshKey('');
    const list = async (): Promise<number> =>
      (await collect(store.list({ prefix: folder }))).length;

    expect(await list()).toBe(0);
    await store.put(`${folder}x`, 'x');
    expect(await list()).toBe(1);
    await store.delete(`${folder}x`);
    expect(await list()).toBe(0);
  });
}
