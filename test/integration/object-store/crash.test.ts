import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startChild } from '../../support/stand-in-child.ts';
import { collect } from './fixture.ts';

const BUCKET = 'crash';
const WRITERS = 8;
const ROUNDS = 3;
const ACKNOWLEDGED_PER_ROUND = 60;

it('kill -9 under load loses no acknowledged object and leaves none torn', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-crash-'));
  const acknowledged = new Map<string, string>();
  let unacknowledged = 0;

  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startChild(dataDir);
    await createBucket(server.settings, BUCKET);
    const store = openObjectStore(server.settings, BUCKET, { maxAttempts: 1 });
    await expectAll(store, acknowledged);

    const enough = acknowledged.size + ACKNOWLEDGED_PER_ROUND;
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let n = 0; ; n++) {
          const key = `${round}/${writer}/${n}`;
          const bytes = randomBytes(randomInt(200_000));
          try {
            const { etag } = await store.put(key, bytes);
            acknowledged.set(key, etag);
          } catch (error) {
            if (!(error instanceof ObjectStoreError)) throw error;
            unacknowledged++;
            return;
          }
          if (acknowledged.size >= enough) server.child.kill('SIGKILL');
        }
      }),
    );
    store.close();
  }

  await using server = await startChild(dataDir);
  const store = openObjectStore(server.settings, BUCKET);
  await expectAll(store, acknowledged);
  expect(await readdir(join(dataDir, 'buckets', BUCKET, 'drafts'))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED_PER_ROUND);
  expect(unacknowledged).toBe(ROUNDS * WRITERS);
  store.close();
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

/** Every acknowledged object is listed and whole; so is whatever else is there. */
async function expectAll(store: ObjectStore, acknowledged: Map<string, string>): Promise<void> {
  const listed = await collect(store.list({ prefix: '' }));
  const etags = new Map(listed.map(({ key, etag }) => [key, etag]));
  for (const [key, etag] of acknowledged) expect(etags.get(key), key).toBe(etag);
  for (const { key, etag } of listed) {
    const { bytes } = await store.getBytes(key, { maxBytes: 200_000 });
    expect(createHash('md5').update(bytes).digest('hex')).toBe(etag);
  }
}
