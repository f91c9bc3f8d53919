/** How much each client may do. */
export interface TokenBucketOptions {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens at the start, and at most. */
  readonly burst: number;
  /** Clients remembered at once; the one not seen for longest is forgotten first. */
  readonly maxClients: number;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** One token bucket per client. */
export interface TokenBuckets {
  /** Takes one token: 0, or the seconds until there is one. */
  take(client: string): number;
}

/** Buckets that begin full: https://en.wikipedia.org/wiki/Token_bucket */
export function createTokenBuckets(options: TokenBucketOptions): TokenBuckets {
  const { perSecond, burst, maxClients } = options;
  // In the order of their last use.
  const buckets = new Map<string, Bucket>();
  return {
    take(client) {
      const nowMs = options.now();
      const before = buckets.get(client) ?? { tokens: burst, filledMs: nowMs };
      const grown = ((nowMs - before.filledMs) / 1000) * perSecond;
      const tokens = Math.min(burst, before.tokens + grown);
      const left = tokens >= 1 ? tokens - 1 : tokens;
      buckets.delete(client);
      buckets.set(client, { tokens: left, filledMs: nowMs });
      if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value ?? '');
      return tokens >= 1 ? 0 : (1 - tokens) / perSecond;
    },
  };
}
