import { LRUCache } from 'lru-cache';

import type { CacheStore } from './store.ts';

/** What an entry takes besides its key and value, roughly. */
const OVERHEAD_BYTES = 256;

/** Keeps answers in this process: up to `maxBytes`, those not asked for longest go first. */
export function createMemoryStore(options: {
  readonly maxBytes: number;
  readonly ttlMs: number;
}): CacheStore {
  const entries = new LRUCache<string, Buffer>({
    maxSize: options.maxBytes,
    sizeCalculation: (value, key) => value.byteLength + key.length + OVERHEAD_BYTES,
    ttl: options.ttlMs,
    perf: { now: () => performance.now() },
  });
  return {
    get: (key) => entries.get(key),
    set: (key, bytes) => void entries.set(key, bytes),
    [Symbol.asyncDispose]: () => {
      entries.clear();
      return Promise.resolve();
    },
  };
}
