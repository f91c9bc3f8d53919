import { createHash, randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import {
  ObjectStoreError,
  ObjectNotFoundError,
} from '../../../../functions/runtime/object-store/errors.ts';
import { freshKey } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

const ODD_NAMES = [
  'with space',
  'plus+sign',
  'per%cent %20 %2F',
  'ünï/çödé',
  'e\u0301 is not \u00e9',
  'rocket 🚀 and \u{1f3f4}',
  'quotes \'" and (brackets) [*] {!}',
  'ampersand & <angle> ; = ? # : @ $ , ~ ^ ` |',
  'back\\slash',
  'tab\tand newline\n',
  'ends with slash/',
  'a'.repeat(255),
];

/** Writing, reading and deleting single objects. */
export function checkObjects(fixture: () => Fixture): void {
  it('gives back the bytes, type and metadata that were put', async () => {
    const { store } = fixture();
    const key = freshKey();
    const before = Date.now();

    const written = await store.put(key, 'hello', {
      contentType: 'text/plain',
      user: { team: 'birds', 'made-by': 'a test' },
    });
    const { meta, bytes } = await store.getBytes(key, { maxBytes: 5 });

    expect(bytes.toString()).toBe('hello');
    expect(meta).toMatchObject({
      key,
      sizeBytes: 5,
      etag: createHash('md5').update('hello').digest('hex'),
      contentType: 'text/plain',
      user: { team: 'birds', 'made-by': 'a test' },
    });
    expect(written.etag).toBe(meta.etag);
    expect(Math.abs(meta.lastModified.getTime() - before)).toBeLessThan(60_000);
    expect(await store.head(key)).toEqual({ ...meta, servedAt: expect.any(Date) });
  });

  it("tells the store's own time with each answer", async () => {
    const { store } = fixture();
    const key = freshKey();

    const written = await store.put(key, 'hello');
    const { meta } = await store.getBytes(key, { maxBytes: 5 });
    const head = await store.head(key);

    // The Date header and Last-Modified are one clock, in whole seconds.
    const second = meta.lastModified.getTime();
    expect(written.servedAt.getTime()).toBeGreaterThanOrEqual(second);
    expect(meta.servedAt.getTime()).toBeGreaterThanOrEqual(written.servedAt.getTime());
    expect(head?.servedAt.getTime()).toBeGreaterThanOrEqual(meta.servedAt.getTime());
    expect(meta.servedAt.getTime()).toBeLessThan(second + 60_000);
  });

  it('replaces an object whole', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, 'a long first body', { user: { first: '1' } });
    await store.put(key, 'short');
    const { meta, bytes } = await store.getBytes(key, { maxBytes: 100 });

    expect(bytes.toString()).toBe('short');
    expect(meta.user).toEqual({});
  });

  it.each([
    ['a string', ''],
    ['a buffer', Buffer.alloc(0)],
    ['an array', new Uint8Array()],
  ])('stores an empty object given as %s', async (_, body) => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, body);
    const { meta, bytes } = await store.getBytes(key, { maxBytes: 0 });

    expect(meta.sizeBytes).toBe(0);
    expect(bytes).toHaveLength(0);
  });

  it('stores the part of a larger buffer that a view shows', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, Buffer.from('--inside--').subarray(2, 8));

    expect((await store.getBytes(key, { maxBytes: 10 })).bytes.toString()).toBe('inside');
  });

  it.each(ODD_NAMES)('keeps the key %j', async (name) => {
    const { store } = fixture();
    const key = freshKey(name);
    const folder = key.slice(0, 37);

    await store.put(key, name);
    const { bytes } = await store.getBytes(key, { maxBytes: 1000 });
    const listed: string[] = [];
    for await (const entry of store.list({ prefix: folder })) listed.push(entry.key);
    await store.delete(key);

    expect(bytes.toString()).toBe(name);
    expect(listed).toEqual([key]);
    expect(await store.head(key)).toBeUndefined();
  });

  it.each([
    ['the first bytes', { start: 0, end: 3 }, '0123'],
    ['one byte', { start: 5, end: 5 }, '5'],
    ['the rest', { start: 7 }, '789'],
    ['past the end', { start: 8, end: 100 }, '89'],
  ])('reads %s by range', async (_, range, expected) => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, '0123456789');
    const { meta, bytes } = await store.getBytes(key, { range, maxBytes: 10 });

    expect(bytes.toString()).toBe(expected);
    expect(meta.sizeBytes).toBe(10);
  });

  it('refuses a range that begins after the end', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, '0123456789');
    const reading = store.get(key, { range: { start: 10 } });

    await expect(reading).rejects.toMatchObject({ status: 416, transient: false });
  });

  it('refuses to buffer more than it may', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, Buffer.alloc(1001));

    await expect(store.getBytes(key, { maxBytes: 1000 })).rejects.toMatchObject({
      name: ObjectStoreError.name,
      code: 'TooLarge',
      transient: false,
    });
    const part = await store.getBytes(key, { maxBytes: 1000, range: { start: 1 } });
    expect(part.bytes).toHaveLength(1000);
  });

  it('streams 20 MB with the right bytes', async () => {
    const { store } = fixture();
    const key = freshKey();
    const bytes = randomBytes(20 * 1024 * 1024);
    const received = createHash('sha256');

    await store.put(key, bytes);
    const { meta, body } = await store.get(key);
    for await (const chunk of body) received.update(chunk as Buffer);

    expect(meta.sizeBytes).toBe(bytes.length);
    expect(received.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('deletes, and deletes again without complaint', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, 'x');
    await store.delete(key);
    await store.delete(key);

    expect(await store.head(key)).toBeUndefined();
    await expect(store.get(key)).rejects.toThrow(ObjectNotFoundError);
  });

  it('shows a reader the whole old or the whole new object while it is overwritten', async () => {
    const { store } = fixture();
    const key = freshKey();
    const sizeBytes = 512 * 1024;
    const bodies = ['a', 'b'].map((letter) => Buffer.alloc(sizeBytes, letter));
    await store.put(key, bodies[0] ?? '');

    const writing = (async () => {
      for (let round = 0; round < 20; round++) await store.put(key, bodies[round % 2] ?? '');
    })();
    const reading = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 20; round++) {
        const { bytes } = await store.getBytes(key, { maxBytes: sizeBytes });
        expect(new Set(bytes).size).toBe(1);
        expect(bytes).toHaveLength(sizeBytes);
      }
    });

    await Promise.all([writing, ...reading]);
  });
}
