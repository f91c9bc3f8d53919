import { expect, it } from 'vitest';

import { ObjectNotFoundError } from '../../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../../functions/runtime/object-store/s3-object-store.ts';
import { startCuttingProxy } from '../cutting-proxy.ts';
import { collect, freshKey } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

const CALLS: readonly [
  name: string,
  call: (store: ObjectStore, key: string) => Promise<unknown>,
][] = [
  ['get', (store, key) => store.get(key)],
  ['put', (store, key) => store.put(key, 'x')],
  ['list', (store, key) => collect(store.list({ prefix: key }))],
];

/** What goes wrong, and what the caller then knows. */
export function checkFailures(fixture: () => Fixture): void {
  it('says that a key is not there, and head says so without an error', async () => {
    const { store } = fixture();
    const key = freshKey();

    expect(await store.head(key)).toBeUndefined();
    await expect(store.get(key)).rejects.toThrow(ObjectNotFoundError);
    await expect(store.get(key)).rejects.toMatchObject({
      status: 404,
      code: 'NoSuchKey',
      transient: false,
      message: expect.stringContaining(`GET s3://${store.bucket}/${key}`) as unknown,
    });
  });

  it.each(CALLS)('says on %s that the bucket is not there', async (_, call) => {
    const { settings } = fixture();
    const store = openObjectStore(settings, 'no-such-bucket');

    await expect(call(store, 'key')).rejects.toMatchObject({
      name: ObjectNotFoundError.name,
      code: 'NoSuchBucket',
      transient: false,
    });
    store.close();
  });

  it.each(CALLS)('refuses %s with a wrong secret, for good', async (_, call) => {
    const { settings, store } = fixture();
    const wrong = { ...settings, AWS_SECRET_ACCESS_KEY: 'not the secret' };
    const stranger = openObjectStore(wrong, store.bucket);

    await expect(call(stranger, freshKey())).rejects.toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
      transient: false,
    });
    stranger.close();
  });

  it('refuses an unknown access key, also on head', async () => {
    const { settings, store } = fixture();
    const stranger = openObjectStore({ ...settings, AWS_ACCESS_KEY_ID: 'nobody' }, store.bucket);

    await expect(stranger.get('key')).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
    await expect(stranger.head('key')).rejects.toMatchObject({ status: 403, transient: false });
    stranger.close();
  });

  it('stops before the call when it is aborted already', async () => {
    const { store } = fixture();
    const signal = AbortSignal.abort(new Error('enough'));

    const reading = store.get(freshKey(), { signal });

    await expect(reading).rejects.toMatchObject({
      code: 'Aborted',
      transient: false,
      cause: signal.reason as unknown,
    });
  });

  it('stops a body that is being read when it is aborted', async () => {
    const { store } = fixture();
    const key = freshKey();
    await store.put(key, Buffer.alloc(8 * 1024 * 1024));
    const controller = new AbortController();

    const { body } = await store.get(key, { signal: controller.signal });
    const reading = (async () => {
      for await (const chunk of body) controller.abort(chunk);
    })();

    await expect(reading).rejects.toMatchObject({ code: 'Aborted', transient: false });
  });

  it('says that a body cut in the middle is worth another try', async () => {
    const { store, settings } = fixture();
    const key = freshKey();
    await store.put(key, Buffer.alloc(4 * 1024 * 1024));
    await using proxy = await startCuttingProxy(settings.S3_ENDPOINT, { cutAfterBytes: 100_000 });
    const through = openObjectStore({ ...settings, S3_ENDPOINT: proxy.endpoint }, store.bucket);

    const { body } = await through.get(key);

    await expect(collect(body)).rejects.toMatchObject({
      name: 'ObjectStoreError',
      transient: true,
    });
    through.close();
  });

  it('leaves connections usable after a body that nobody wanted', async () => {
    const { store } = fixture();
    const key = freshKey();
    await store.put(key, Buffer.alloc(1024 * 1024, 'x'));

    for (let round = 0; round < 60; round++) (await store.get(key)).body.destroy();

    const { bytes } = await store.getBytes(key, { range: { start: 0, end: 0 }, maxBytes: 1 });
    expect(bytes.toString()).toBe('x');
  });
}
