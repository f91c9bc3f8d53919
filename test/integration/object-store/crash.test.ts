import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { collect } from './fixture.ts';

const BUCKET = 'crash';
const WRITERS = 8;
const ROUNDS = 3;
const ACKNOWLEDGED_PER_ROUND = 60;

const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

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

async function startChild(
  dataDir: string,
): Promise<{ child: ChildProcess; settings: TestS3['settings'] } & AsyncDisposable> {
  const script = join(import.meta.dirname, 'run-stand-in.ts');
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    child,
    settings: {
      S3_ENDPOINT: line.toString().trim(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
