import { randomUUID } from 'node:crypto';

import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { TestS3 } from '../../support/local-s3.ts';

/** A running store with an empty bucket, shared by the checks of one target. */
export interface Fixture {
  readonly settings: TestS3['settings'];
  readonly store: ObjectStore;
  stop(): Promise<void>;
}

/** Starts a target and makes its bucket. */
export async function startFixture(start: () => Promise<TestS3>): Promise<Fixture> {
  const s3 = await start();
  const bucket = `test-${randomUUID()}`;
  await createBucket(s3.settings, bucket);
  const store = openObjectStore(s3.settings, bucket);
  return {
    settings: s3.settings,
    store,
    async stop() {
      store.close();
      await s3.stop();
    },
  };
}

/** A key that no other check uses. */
export function freshKey(name = 'object'): string {
  return `${randomUUID()}/${name}`;
}

/** The values of an async iterable. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
