import type { Config } from '../../runtime/config.ts';
import { RateLimitedError } from '../../runtime/errors.ts';
import { clientAddress, trustedProxies } from './client-address.ts';
import type { RequestContext } from './request-context.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** The settings that make a limit. */
export type RateLimitConfig = Pick<
  Config,
  'RATE_LIMIT_PER_SECOND' | 'RATE_LIMIT_BURST' | 'RATE_LIMIT_KEY' | 'TRUSTED_PROXIES'
>;

/**
 * Lets a request pass, or throws.
 * @throws {RateLimitedError} When its client has used up its share; carries when there is more.
 */
export type RateLimiter = (context: RequestContext, connection: string | undefined) => void;

const MAX_CLIENTS = 10_000;

/** A limit per client and process; `undefined` when the settings ask for none. */
export function createRateLimiter(
  config: RateLimitConfig,
  now: () => number = () => performance.now(),
): RateLimiter | undefined {
  const { RATE_LIMIT_PER_SECOND: perSecond, RATE_LIMIT_BURST: burst } = config;
  if (perSecond === undefined) return undefined;
  const buckets = createTokenBuckets({
    perSecond,
    burst: burst ?? Math.max(1, Math.ceil(perSecond)),
    maxClients: MAX_CLIENTS,
    now,
  });
  const clientOf = clientReader(config);
  return (context, connection) => {
    const waitSeconds = buckets.take(clientOf(context, connection));
    if (waitSeconds > 0) {
      throw new RateLimitedError(`More than ${perSecond} requests per second from one client`, {
        retryAfterSeconds: Math.ceil(waitSeconds),
      });
    }
  };
}

type ClientReader = (context: RequestContext, connection: string | undefined) => string;

function clientReader({ RATE_LIMIT_KEY: key, TRUSTED_PROXIES }: RateLimitConfig): ClientReader {
  if (key === 'subject') return ({ subject }) => subject ?? '';
  if (key === 'address') {
    const isTrusted = trustedProxies(TRUSTED_PROXIES.split(','));
    return ({ headers }, connection) =>
      clientAddress(headers['x-forwarded-for']?.toString(), connection, isTrusted);
  }
  const header = key.slice('header:'.length);
  return ({ headers }) => headers[header]?.toString() ?? '';
}
