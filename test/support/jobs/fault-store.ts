import { afterAll } from 'vitest';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startLocalS3 } from '../local-s3.ts';
import type { TestS3 } from '../local-s3.ts';
import { startMinio } from '../minio.ts';
import { timedStore } from './timed-store.ts';

/** Which store the failure table runs on: the projects `faults` and `faults-minio` of vitest.config.ts say. */
const KIND = process.env['FAULT_STORE'] ?? 'stand-in';

let server: Promise<TestS3> | undefined;
let buckets = 0;
const opened: ObjectStore[] = [];

afterAll(async () => {
  for (const store of opened) store.close();
  await (await server)?.stop();
});

/** Starts that store, empty. */
export function startFaultServer(): Promise<TestS3> {
  return KIND === 'minio' ? startMinio() : startLocalS3();
}

/** An empty bucket of a real store whose clock is another: one server for each file of tests. */
export async function faultStore(now: () => number): Promise<ObjectStore> {
  const { settings } = await (server ??= startFaultServer());
  const bucket = `data-test-${(buckets += 1)}`;
  const withToken = { ...settings, AWS_SESSION_TOKEN: undefined };
  await createBucket(withToken, bucket);
  const store = openObjectStore(withToken, bucket);
  opened.push(store);
  return timedStore(store, now);
}
