import { createHash, randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { PreconditionFailedError } from '../../../../functions/runtime/object-store/errors.ts';
import { openObjectStore } from '../../../../functions/runtime/object-store/s3-object-store.ts';
import { startStoreProxy } from '../../../support/jobs/store-proxy.ts';
import type { StoreFate, StoreStep } from '../../../support/jobs/store-proxy.ts';
import { unfinishedUploads } from '../../../support/unfinished-uploads.ts';
import { freshKey } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

const MiB = 1024 * 1024;
/** Of a part that is not the last. */
const PART_BYTES = 16 * MiB;

async function* piecesOf(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Objects that are written as their bytes come. */
export function checkStreams(fixture: () => Fixture): void {
  it.each([
    { bytes: 0, pieceBytes: 1, parts: 0 },
    { bytes: 5, pieceBytes: 2, parts: 0 },
    { bytes: PART_BYTES, pieceBytes: MiB, parts: 0 },
    { bytes: PART_BYTES + 1, pieceBytes: 700_001, parts: 2 },
    { bytes: 40_000_000, pieceBytes: 40_000_000, parts: 3 },
  ])(
    'takes $bytes bytes in pieces of $pieceBytes, in $parts parts',
    async ({ bytes: sizeBytes, pieceBytes, parts }) => {
      const { store } = fixture();
      const key = freshKey();
      const bytes = randomBytes(sizeBytes);

      const written = await store.putStream(key, piecesOf(bytes, pieceBytes), {
        contentType: 'application/x-ndjson',
        user: { ok: '7' },
        ifNoneMatch: '*',
      });

      const found = await store.getBytes(key, { maxBytes: sizeBytes });
      expect(found.bytes.equals(bytes)).toBe(true);
      expect(found.meta).toMatchObject({
        sizeBytes,
        etag: written.etag,
        contentType: 'application/x-ndjson',
        user: { ok: '7' },
      });
      const md5 = createHash('md5').update(bytes).digest('hex');
      expect(written.etag).toMatch(parts === 0 ? md5 : new RegExp(`^[0-9a-f]{32}-${parts}$`));
    },
  );

  it('creates a large object only once, whoever comes first', async () => {
    const { settings, store } = fixture();
    const key = freshKey();
    const write = async (racer: number): Promise<unknown> => {
      const bytes = Buffer.alloc(PART_BYTES + 1, racer);
      return await store.putStream(key, piecesOf(bytes, PART_BYTES), { ifNoneMatch: '*' });
    };

    const outcomes = await Promise.allSettled([1, 2, 3].map((racer) => write(racer)));

    const winners = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at + 1] : []));
    expect(winners).toHaveLength(1);
    const { bytes } = await store.getBytes(key, { maxBytes: PART_BYTES + 1 });
    expect(bytes.at(-1)).toBe(winners[0]);
    await expect(write(4)).rejects.toThrow(PreconditionFailedError);
    expect((await store.getBytes(key, { maxBytes: PART_BYTES + 1 })).bytes[0]).toBe(winners[0]);
    expect(await unfinishedUploads(settings, store.bucket, key)).toEqual([]);
  });

  it('leaves nothing behind when the bytes fail to come', async () => {
    const { settings, store } = fixture();
    const key = freshKey();
    const breaking = async function* (): AsyncGenerator<Buffer, void> {
      for (let count = 0; count < 3; count += 1) yield Buffer.alloc(PART_BYTES);
      expect(await unfinishedUploads(settings, store.bucket, key)).toEqual([key]);
      throw new Error('no more of it');
    };

    await expect(store.putStream(key, breaking())).rejects.toThrow('no more of it');

    expect(await store.head(key)).toBeUndefined();
    expect(await unfinishedUploads(settings, store.bucket, key)).toEqual([]);
  });

  it('knows its own large object when the answer got lost', async () => {
    const { settings, store } = fixture();
    const key = freshKey();
    const posts: StoreStep[] = [];
    await using proxy = await startStoreProxy(settings.S3_ENDPOINT, (step) => {
      if (step.method !== 'POST' || step.when !== 'after') return 'go on';
      // The first one begins, the second one makes the object.
      return posts.push(step) === 2 ? 'cut' : 'go on';
    });
    const behind = { ...settings, S3_ENDPOINT: proxy.endpoint, AWS_SESSION_TOKEN: undefined };
    const unlucky = openObjectStore(behind, store.bucket);
    const bytes = Buffer.alloc(PART_BYTES + 1, 'x');

    const { etag } = await unlucky.putStream(key, piecesOf(bytes, MiB), { ifNoneMatch: '*' });

    unlucky.close();
    expect(posts).toHaveLength(3);
    expect((await store.head(key))?.etag).toBe(etag);
  });

  it('takes no more than two parts before the first is stored', async () => {
    const { settings, store } = fixture();
    const key = freshKey();
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let taken = 0;
    const pieces = async function* (): AsyncGenerator<Buffer, void> {
      for (taken = 0; taken < 64 * MiB; taken += MiB) yield Buffer.alloc(MiB);
    };
    const hold = async ({ method, when }: StoreStep): Promise<StoreFate> => {
      if (method === 'PUT' && when === 'before') {
        asked.resolve();
        await release.promise;
      }
      return 'go on';
    };
    await using proxy = await startStoreProxy(settings.S3_ENDPOINT, hold);
    const behind = { ...settings, S3_ENDPOINT: proxy.endpoint, AWS_SESSION_TOKEN: undefined };
    const slow = openObjectStore(behind, store.bucket);

    const writing = slow.putStream(key, pieces());
    await asked.promise;
    const takenBefore = taken;
    release.resolve();
    await writing;

    slow.close();
    expect(takenBefore).toBeLessThanOrEqual(2 * PART_BYTES);
    expect(taken).toBe(64 * MiB);
  });
}
