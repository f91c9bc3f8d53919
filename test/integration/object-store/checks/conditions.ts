import { expect, it } from 'vitest';

import { PreconditionFailedError } from '../../../../functions/runtime/object-store/errors.ts';
import { probeConditionalPut } from '../../../../functions/runtime/object-store/probe-conditional-put.ts';
import { openObjectStore } from '../../../../functions/runtime/object-store/s3-object-store.ts';
import { startCuttingProxy } from '../cutting-proxy.ts';
import { freshKey } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

/** Conditional reads and writes, alone, in races and when answers get lost. */
export function checkConditions(fixture: () => Fixture): void {
  it('reads only the state that If-Match names', async () => {
    const { store } = fixture();
    const key = freshKey();

    const { etag } = await store.put(key, 'one');
    const pinned = await store.getBytes(key, { ifMatch: etag, maxBytes: 3 });
    await store.put(key, 'two');

    expect(pinned.bytes.toString()).toBe('one');
    await expect(store.get(key, { ifMatch: etag })).rejects.toThrow(PreconditionFailedError);
  });

  it('creates only once', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, 'first', { ifNoneMatch: '*', user: { by: 'us' } });
    const second = store.put(key, 'second', { ifNoneMatch: '*' });

    await expect(second).rejects.toThrow(PreconditionFailedError);
    await expect(second).rejects.toMatchObject({ status: 412, transient: false });
    const { meta, bytes } = await store.getBytes(key, { maxBytes: 100 });
    expect(bytes.toString()).toBe('first');
    expect(meta.user, 'the writer id stays hidden').toEqual({ by: 'us' });
  });

  it('creates again after a delete', async () => {
    const { store } = fixture();
    const key = freshKey();

    await store.put(key, 'first', { ifNoneMatch: '*' });
    await store.delete(key);

    await expect(store.put(key, 'second', { ifNoneMatch: '*' })).resolves.toBeDefined();
  });

  it('replaces only the state that If-Match names', async () => {
    const { store } = fixture();
    const key = freshKey();

    const one = await store.put(key, 'one');
    const two = await store.put(key, 'two', { ifMatch: one.etag });

    await expect(store.put(key, 'three', { ifMatch: one.etag })).rejects.toThrow(
      PreconditionFailedError,
    );
    expect((await store.head(key))?.etag).toBe(two.etag);
  });

  it('does not replace what is not there', async () => {
    const { store } = fixture();

    const writing = store.put(freshKey(), 'x', { ifMatch: 'd41d8cd98f00b204e9800998ecf8427e' });

    await expect(writing).rejects.toThrow(PreconditionFailedError);
  });

  it('lets exactly one of 16 racers create', async () => {
    const { store } = fixture();

    for (let round = 0; round < 5; round++) {
      const key = freshKey();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 16 }, (_, racer) =>
          store.put(key, `racer ${racer}`, { ifNoneMatch: '*' }),
        ),
      );

      const winners = outcomes.flatMap(({ status }, racer) =>
        status === 'fulfilled' ? racer : [],
      );
      expect(winners).toHaveLength(1);
      const { bytes } = await store.getBytes(key, { maxBytes: 100 });
      expect(bytes.toString()).toBe(`racer ${winners[0]}`);
      const losers = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      );
      expect(losers.every((error) => error instanceof PreconditionFailedError)).toBe(true);
    }
  });

  it('loses no increment of a counter that 8 workers change by If-Match', async () => {
    const { store } = fixture();
    const key = freshKey();
    await store.put(key, '0');

    const increment = async (): Promise<void> => {
      for (;;) {
        const { meta, bytes } = await store.getBytes(key, { maxBytes: 10 });
        try {
          await store.put(key, String(Number(bytes.toString()) + 1), { ifMatch: meta.etag });
          return;
        } catch (error) {
          if (!(error instanceof PreconditionFailedError)) throw error;
        }
      }
    };
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let round = 0; round < 5; round++) await increment();
      }),
    );

    expect((await store.getBytes(key, { maxBytes: 10 })).bytes.toString()).toBe('40');
  });

  it.each([
    { condition: 'If-None-Match', options: () => ({ ifNoneMatch: '*' as const }) },
    { condition: 'If-Match', options: (etag: string) => ({ ifMatch: etag }) },
  ])('knows its own $condition write again when the answer was lost', async ({ options }) => {
    const { store, settings } = fixture();
    const key = freshKey();
    const { etag } = await store.put(`${key}-other`, 'x');
    if ('ifMatch' in options(etag)) await store.put(key, 'x');
    await using proxy = await startCuttingProxy(settings.S3_ENDPOINT, { cutAnswers: 1 });
    const through = openObjectStore({ ...settings, S3_ENDPOINT: proxy.endpoint }, store.bucket);

    const written = await through.put(key, 'mine', options(etag));
    through.close();

    expect(proxy.answersCut).toBe(1);
    const { meta, bytes } = await store.getBytes(key, { maxBytes: 100 });
    expect(bytes.toString()).toBe('mine');
    expect(written.etag).toBe(meta.etag);
  });

  it('still loses when the first answer was lost and the object is of another', async () => {
    const { store, settings } = fixture();
    const key = freshKey();
    await store.put(key, 'theirs');
    await using proxy = await startCuttingProxy(settings.S3_ENDPOINT, { cutAnswers: 1 });
    const through = openObjectStore({ ...settings, S3_ENDPOINT: proxy.endpoint }, store.bucket);

    const writing = through.put(key, 'mine', { ifNoneMatch: '*' });

    await expect(writing).rejects.toThrow(PreconditionFailedError);
    expect(proxy.answersCut).toBe(1);
    through.close();
  });

  it('is found to honour conditions', async () => {
    const { store } = fixture();
    const key = freshKey('_probe');

    expect(await probeConditionalPut(store, key)).toBe(true);
    expect(await store.head(key)).toBeUndefined();
  });
}
