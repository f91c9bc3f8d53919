import { createClient, RESP_TYPES } from '@redis/client';

import type { CacheStore } from './store.ts';

/** Where a Redis is, and what may be kept there. */
export interface RedisStoreOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  readonly ttlMs: number;
  /** Larger answers are not kept. */
  readonly maxEntryBytes: number;
  /** Told of each failure of the connection. */
  onError(cause: Error): void;
}

const PREFIX = 'pilotlight:1:';
const MAX_RECONNECT_MS = 10_000;
/** A Redis that has said nothing for so long, not even to a ping, is given up and connected to anew. */
const SILENCE_MS = 5000;
const PING_MS = 2000;
const MAX_WAITING = 1000;

/**
 * Keeps answers in a Redis that processes share. Resolves at once: it connects in the background, and until
 * it is connected, and whenever it is not, there are no answers in it.
 */
export function createRedisStore(options: RedisStoreOptions): CacheStore {
  const client = createClient({
    url: options.url,
    // Without a connection a command fails now: a prediction must not wait for one.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, MAX_RECONNECT_MS),
    },
  });
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  client.on('error', (cause: Error) => options.onError(cause));
  // Failures are told above, and tried again.
  void client.connect().catch(() => undefined);
  return {
    async get(key) {
      if (!client.isReady) return undefined;
      return (await binary.get(PREFIX + key)) ?? undefined;
    },
    async set(key, bytes) {
      if (!client.isReady || bytes.byteLength > options.maxEntryBytes) return;
      const expiration = { type: 'PX', value: options.ttlMs } as const;
      await client.set(PREFIX + key, bytes, { expiration });
    },
    [Symbol.asyncDispose]: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}
