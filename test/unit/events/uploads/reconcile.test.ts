import { describe, expect, it } from 'vitest';

import type { JobEvent } from '../../../../events/jobs/job-events.ts';
import { reconcile } from '../../../../events/uploads/reconcile.ts';
import type { ReconcileContext } from '../../../../events/uploads/reconcile.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { ObjectStoreError } from '../../../../functions/runtime/object-store/errors.ts';
import { memoryStore } from '../../../support/memory-store.ts';

interface World {
  readonly store: ObjectStore;
  readonly published: JobEvent[];
  readonly warned: string[];
  readonly run: () => Promise<number>;
  readonly pass: (seconds: number) => void;
}

function world(change: (store: ObjectStore) => Partial<ReconcileContext> = () => ({})): World {
  let nowMs = Date.UTC(2026, 0, 1);
  const store = memoryStore(() => nowMs);
  const published: JobEvent[] = [];
  const warned: string[] = [];
  const context: ReconcileContext = {
    tenant: 'test',
    store,
    publish: async (event) => void published.push(event),
    hasModel: async (name) => name !== 'rose',
    nonce: () => 'nonce',
    now: () => nowMs,
    wait: async () => {},
    warn: (message) => void warned.push(message),
    ...change(store),
  };
  return {
    store,
    published,
    warned,
    run: () => reconcile(context),
    pass: (seconds) => void (nowMs += seconds * 1000),
  };
}

describe('reconcile()', () => {
  it('asks for every upload from which nothing has come, as its notification would', async () => {
    const { store, published, run, pass } = world();
    const { etag } = await store.put('in/iris/day/a b.jsonl', 'x');
    await store.put('in/image/🌸.jpg', 'y');
    pass(120);

    expect(await run()).toBe(2);

    expect(published.map(({ subject, model }) => [subject, model])).toEqual([
      ['in/image/🌸.jpg', 'image'],
      ['in/iris/day/a b.jsonl', 'iris'],
    ]);
    expect(published[1]?.data).toEqual({
      tenant: 'test',
      bucket: 'data-test',
      key: 'in/iris/day/a b.jsonl',
      size: 1,
      etag,
    });
    // The same until something has come of it.
    expect(await run()).toBe(2);
    expect(published[3]?.id).toBe(published[1]?.id);
  });

  it.each(['predictions.jsonl', 'error.json'])('leaves alone what has a %s', async (name) => {
    const { store, run, pass } = world();
    const { etag } = await store.put('in/iris/a.jsonl', 'x');
    await store.put(`out/iris/a.jsonl/${etag}/${name}`, 'y');
    pass(120);

    expect(await run()).toBe(0);

    await store.put('in/iris/a.jsonl', 'another');
    pass(120);
    expect(await run()).toBe(1);
  });

  it('leaves alone what is young, no upload, or for no model', async () => {
    const { store, published, run, pass } = world();
    const others = ['in/rose/a', 'in/iris/folder/', 'in/a.jsonl', 'out/iris/a', 'jobs/in/iris/a'];
    for (const key of others) await store.put(key, 'x');
    pass(59);
    await store.put('in/iris/young', 'x');
    pass(59);

    expect(await run()).toBe(0);

    pass(1);
    expect(await run()).toBe(1);
    expect(published.map(({ subject }) => subject)).toEqual(['in/iris/young']);
  });

  it('says which object hides others', async () => {
    const { store, warned, run } = world();
    await store.put('in/iris', 'x');

    await run();

    expect(warned).toEqual(['in/iris hides the uploads below it']);
  });

  it('names the version in a bucket that keeps some, and finds what came of it', async () => {
    const { store, published, run, pass } = world((plain) => ({
      store: {
        ...plain,
        async head(key, options) {
          const meta = await plain.head(key, options);
          return meta && (key.startsWith('in/') ? { ...meta, versionId: 'v1' } : meta);
        },
      },
    }));
    await store.put('in/iris/a.jsonl', 'x');
    pass(120);

    expect(await run()).toBe(1);
    expect(published[0]?.data).toMatchObject({ versionId: 'v1' });

    await store.put('out/iris/a.jsonl/v1/error.json', '{}');
    expect(await run()).toBe(0);
    // What was cut off after the output is made good.
    expect(await store.head('out/iris/a.jsonl/latest.json')).toBeDefined();
  });

  it('leaves the rest for the next time when the broker takes nothing', async () => {
    let tries = 0;
    const { store, run, pass } = world(() => ({
      async publish() {
        tries += 1;
        throw new Error('no broker');
      },
    }));
    for (const name of ['a', 'b', 'c']) await store.put(`in/iris/${name}`, 'x');
    pass(120);

    expect(await run()).toBe(0);
    expect(tries).toBe(1);
  });

  it('keeps no model waiting for one that nobody serves, however much lies there', async () => {
    const { store, published, run, pass } = world();
    for (let n = 0; n < 1500; n += 1) await store.put(`in/absent/${n}`, 'x');
    await store.put('in/iris/a', 'x');
    pass(120);

    expect(await run()).toBe(1001);
    expect(published.at(-1)?.model).toBe('iris');
  });

  it('looks after all others where one object cannot be looked after', async () => {
    const { store, published, warned, run, pass } = world((plain) => ({
      store: {
        ...plain,
        async head(key, options) {
          if (key === 'in/iris/b') throw new ObjectStoreError('400', { transient: false });
          return await plain.head(key, options);
        },
      },
    }));
    for (const name of ['a', 'b', 'c']) await store.put(`in/iris/${name}`, 'x');
    pass(120);

    expect(await run()).toBe(2);
    expect(published.map(({ subject }) => subject)).toEqual(['in/iris/a', 'in/iris/c']);
    expect(warned).toEqual(['in/iris/b could not be looked after']);
  });

  it('stops where the store is away, and says so', async () => {
    const { store, published, run, pass } = world((plain) => ({
      store: {
        ...plain,
        async head() {
          throw new ObjectStoreError('no answer', { transient: true });
        },
      },
    }));
    await store.put('in/iris/a', 'x');
    pass(120);

    await expect(run()).rejects.toThrow('no answer');
    expect(published).toEqual([]);
  });
});
