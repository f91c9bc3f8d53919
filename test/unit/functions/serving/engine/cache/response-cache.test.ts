import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createMetrics } from '../../../../../../functions/runtime/metrics.ts';
import {
  type CacheEntry,
  encodeEntry,
} from '../../../../../../functions/serving/engine/cache/entry.ts';
import { createMemoryStore } from '../../../../../../functions/serving/engine/cache/memory-store.ts';
import {
  createResponseCache,
  type ResponseCache,
} from '../../../../../../functions/serving/engine/cache/response-cache.ts';
import type { CacheStore } from '../../../../../../functions/serving/engine/cache/store.ts';

const entryOf = (value: number): CacheEntry => ({
  batchSize: 1,
  outputs: { y: { datatype: 'FP32', shape: [1], data: Float32Array.of(value) } },
});
const TTL_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  // To the library 0 is no time at all.
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  vi.useRealTimers();
});

/** A shared store in this process; `fail` takes its place while it is set. */
function sharedStore() {
  const kept = new Map<string, Buffer>();
  const store = {
    kept,
    asked: 0,
    fail: undefined as (() => Promise<never>) | undefined,
    get(key: string) {
      store.asked += 1;
      return store.fail === undefined ? kept.get(key) : store.fail();
    },
    set: (key: string, bytes: Buffer) => {
      if (store.fail !== undefined) return store.fail();
      kept.set(key, bytes);
      return undefined;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return store;
}

function cacheOf(shared?: CacheStore, maxBytes = 100_000) {
  const metrics = createMetrics();
  const errors: unknown[] = [];
  const cache: ResponseCache = createResponseCache(
    { memory: maxBytes > 0 ? createMemoryStore({ maxBytes, ttlMs: TTL_MS }) : undefined, shared },
    { model: 'iris', metrics, timeoutMs: 50, onError: (cause) => errors.push(cause) },
  );
  const lookups = async (): Promise<string[]> =>
    (await metrics.scrape()).text
      .split('\n')
      .filter((line) => line.startsWith('inference_cache_lookups_total{'))
      .map((line) => line.replace(/^.*store="(\w+)",result="(\w+)"\} (\d+)$/, '$1 $2 $3'));
  return { cache, errors, lookups };
}

test('an answer that was kept is found, another is not', async () => {
  const { cache, lookups } = cacheOf();
  cache.keep('a', entryOf(1));

  expect(await cache.find('a')).toEqual(entryOf(1));
  expect(await cache.find('b')).toBeUndefined();
  expect((await lookups()).toSorted()).toEqual(['memory hit 1', 'memory miss 1']);
});

test('an answer is forgotten after its time', async () => {
  const { cache } = cacheOf();
  cache.keep('a', entryOf(1));

  vi.advanceTimersByTime(TTL_MS - 1);
  expect(await cache.find('a')).toBeDefined();
  vi.advanceTimersByTime(2);
  expect(await cache.find('a')).toBeUndefined();
});

test('when the memory is full, what was not asked for longest goes first', async () => {
  const size = encodeEntry(entryOf(1)).byteLength + 1 + 256;
  const { cache } = cacheOf(undefined, 2 * size);
  cache.keep('a', entryOf(1));
  cache.keep('b', entryOf(2));
  await cache.find('a');
  cache.keep('c', entryOf(3));

  expect(await cache.find('b')).toBeUndefined();
  expect(await cache.find('a')).toEqual(entryOf(1));
  expect(await cache.find('c')).toEqual(entryOf(3));
});

test('an answer of another process is found in the shared store, and once only asked for there', async () => {
  const shared = sharedStore();
  cacheOf(shared).cache.keep('a', entryOf(1));
  const { cache, lookups } = cacheOf(shared);

  expect(await cache.find('a')).toEqual(entryOf(1));
  expect(await cache.find('a')).toEqual(entryOf(1));
  expect(shared.asked).toBe(1);
  expect((await lookups()).toSorted()).toEqual(['memory hit 1', 'memory miss 1', 'redis hit 1']);
});

test.each<[what: string, fail: () => Promise<never>]>([
  ['fails', () => Promise.reject(new Error('down'))],
  ['does not answer', () => new Promise(() => undefined)],
])(
  'a shared store that %s is a miss, told once, and left alone for a while',
  async (_what, fail) => {
    const shared = sharedStore();
    shared.fail = fail;
    const { cache, errors, lookups } = cacheOf(shared, 0);

    const found = cache.find('a');
    await vi.advanceTimersByTimeAsync(50);
    expect(await found).toBeUndefined();
    expect(await cache.find('a')).toBeUndefined();
    expect([shared.asked, errors.length]).toEqual([1, 1]);
    expect(await lookups()).toEqual(['redis error 1']);

    shared.fail = undefined;
    shared.kept.set('a', encodeEntry(entryOf(1)));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await cache.find('a')).toEqual(entryOf(1));
  },
);

test('what a stranger put there is a miss', async () => {
  const shared = sharedStore();
  shared.kept.set('a', Buffer.from('not an entry'));
  const { cache, errors } = cacheOf(shared);

  expect(await cache.find('a')).toBeUndefined();
  expect(errors).toHaveLength(1);
});

test('a store that cannot keep an answer fails nobody', async () => {
  const shared = sharedStore();
  shared.fail = () => Promise.reject(new Error('full'));
  const { cache, errors } = cacheOf(shared);

  cache.keep('a', entryOf(1));
  expect(await cache.find('a')).toEqual(entryOf(1));
  expect(errors).toEqual([new Error('full')]);
});
