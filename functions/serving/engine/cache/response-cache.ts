import type { Metrics } from '../../../runtime/metrics.ts';
import { type CacheEntry, decodeEntry, encodeEntry } from './entry.ts';
import type { CacheStore } from './store.ts';

/** The two places where answers are kept; either may be missing. */
export interface CacheStores {
  /** Asked first: it costs microseconds. */
  readonly memory: CacheStore | undefined;
  /** Asked when the memory has nothing. */
  readonly shared: CacheStore | undefined;
}

/** What a cache needs to know besides its stores. */
export interface ResponseCacheOptions {
  readonly model: string;
  readonly metrics: Metrics;
  /** A look-up in the shared store that takes longer is a miss. */
  readonly timeoutMs: number;
  /** Told why the shared store failed. */
  onError(cause: unknown): void;
}

/** Answers by key. It never fails: what does not work is a miss. */
export interface ResponseCache extends AsyncDisposable {
  find(key: string): Promise<CacheEntry | undefined>;
  /** Nobody waits for it. */
  keep(key: string, entry: CacheEntry): void;
}

/** After a failure the shared store is not asked for so long: a slow one would slow every request down. */
const PAUSE_MS = 1000;

/** A cache over a memory of this process and a store that processes share. */
export function createResponseCache(
  { memory, shared }: CacheStores,
  options: ResponseCacheOptions,
): ResponseCache {
  const { model, metrics, timeoutMs } = options;
  let pausedUntilMs = 0;

  function count(store: 'memory' | 'redis', result: 'hit' | 'miss' | 'error'): void {
    metrics.record('inference_cache_lookups_total', { model, store, result });
  }

  function failed(cause: unknown): void {
    pausedUntilMs = performance.now() + PAUSE_MS;
    options.onError(cause);
  }

  async function findShared(store: CacheStore, key: string): Promise<CacheEntry | undefined> {
    if (performance.now() < pausedUntilMs) return undefined;
    try {
      const bytes = await within(timeoutMs, store.get(key));
      const entry = bytes && decodeEntry(bytes);
      count('redis', entry === undefined ? 'miss' : 'hit');
      if (bytes !== undefined) void memory?.set(key, bytes);
      return entry;
    } catch (cause) {
      count('redis', 'error');
      failed(cause);
      return undefined;
    }
  }

  return {
    async find(key) {
      const bytes = await memory?.get(key);
      if (memory !== undefined) count('memory', bytes === undefined ? 'miss' : 'hit');
      if (bytes !== undefined) return decodeEntry(bytes);
      return shared === undefined ? undefined : findShared(shared, key);
    },
    keep(key, entry) {
      const bytes = encodeEntry(entry);
      void memory?.set(key, bytes);
      if (shared === undefined || performance.now() < pausedUntilMs) return;
      Promise.resolve(shared.set(key, bytes)).catch(failed);
    },
    async [Symbol.asyncDispose]() {
      await memory?.[Symbol.asyncDispose]();
      await shared?.[Symbol.asyncDispose]();
    },
  };
}

/** What `work` gives, if it does within `ms`. */
async function within<T>(ms: number, work: Promise<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
