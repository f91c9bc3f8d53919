import type { CacheConfig } from './cached-engine.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRedisStore } from './redis-store.ts';
import {
  createResponseCache,
  type ResponseCache,
  type ResponseCacheOptions,
} from './response-cache.ts';

/** Answers larger than this are not sent to a Redis. */
const MAX_SHARED_ENTRY_BYTES = 1024 * 1024;

/** The cache that the settings ask for. A Redis is connected to in the background. */
export function openCache(
  config: CacheConfig,
  options: Omit<ResponseCacheOptions, 'timeoutMs'>,
): ResponseCache {
  const ttlMs = config.RESPONSE_CACHE_TTL_SECONDS * 1000;
  const { RESPONSE_CACHE_BYTES: maxBytes, RESPONSE_CACHE_REDIS_URL: url } = config;
  return createResponseCache(
    {
      memory: maxBytes > 0 ? createMemoryStore({ maxBytes, ttlMs }) : undefined,
      shared:
        url === undefined
          ? undefined
          : createRedisStore({
              url,
              ttlMs,
              maxEntryBytes: MAX_SHARED_ENTRY_BYTES,
              onError: (cause) => options.onError(cause),
            }),
    },
    { ...options, timeoutMs: config.RESPONSE_CACHE_TIMEOUT_MS },
  );
}
