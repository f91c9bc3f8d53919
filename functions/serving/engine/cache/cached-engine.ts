import type { Config } from '../../../runtime/config.ts';
import type { Engine } from '../engine.ts';
import { cacheKey } from './cache-key.ts';
import type { ResponseCache } from './response-cache.ts';

/** The settings that make a cache. */
export type CacheConfig = Pick<
  Config,
  | 'RESPONSE_CACHE_BYTES'
  | 'RESPONSE_CACHE_REDIS_URL'
  | 'RESPONSE_CACHE_TTL_SECONDS'
  | 'RESPONSE_CACHE_TIMEOUT_MS'
>;

/** Whether the settings ask for a cache. */
export function wantsCache(config: CacheConfig): boolean {
  return config.RESPONSE_CACHE_BYTES > 0 || config.RESPONSE_CACHE_REDIS_URL !== undefined;
}

/** What the answers of an engine depend on besides the requests. */
export interface CachedEngineOptions {
  readonly tenant: string;
  /** sha256 of the model's manifest. */
  readonly digest: string;
  /** Names of all outputs: what a request gets that names none. */
  readonly outputs: readonly string[];
  /** Opens the cache; called at the first request, so that a cold start does not pay for it. */
  openCache(): Promise<ResponseCache>;
}

/**
 * An engine that remembers: the same inputs get the same outputs without a run of the model. Answers are for
 * reading only. `batchSize` of a remembered answer is that of the run which made it.
 */
export function cachedEngine(engine: Engine, options: CachedEngineOptions): Engine {
  let opening: Promise<ResponseCache> | undefined;
  return {
    ...engine,
    async infer(request) {
      const cache = await (opening ??= options.openCache());
      const askedMs = performance.now();
      const { inputs, outputs = options.outputs } = request;
      const key = cacheKey({ tenant: options.tenant, digest: options.digest, inputs, outputs });
      const found = await cache.find(key);
      if (found !== undefined) {
        return { ...found, queueMs: performance.now() - askedMs, inferMs: 0 };
      }
      const result = await engine.infer(request);
      cache.keep(key, { outputs: result.outputs, batchSize: result.batchSize });
      return result;
    },
  };
}
