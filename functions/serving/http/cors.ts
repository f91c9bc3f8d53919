import type { Config } from '../../runtime/config.ts';
import { listOf } from '../../runtime/cors-settings.ts';
import type { RequestContext } from './request-context.ts';
import type { Reply } from './route.ts';

/** The settings that say what pages of other origins may do. */
export type CorsConfig = Pick<
  Config,
  | 'CORS_ORIGINS'
  | 'CORS_METHODS'
  | 'CORS_HEADERS'
  | 'CORS_EXPOSED_HEADERS'
  | 'CORS_MAX_AGE_SECONDS'
  | 'CORS_CREDENTIALS'
>;

/**
 * Adds to one request's answer what the browser of another origin must be told, and answers the question that
 * it asks ahead (the preflight). Undefined for a request that is none.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export type Cors = (context: RequestContext) => Reply | undefined;

/** What the settings ask for; undefined when they let no other origin in. */
export function createCors(config: CorsConfig): Cors | undefined {
  if (config.CORS_ORIGINS === undefined) return undefined;
  const any = config.CORS_ORIGINS === '*';
  const origins = new Set(listOf(config.CORS_ORIGINS));
  const shared =
    config.CORS_CREDENTIALS === 'true' ? { 'access-control-allow-credentials': 'true' } : {};
  const exposed = {
    'access-control-expose-headers': listOf(config.CORS_EXPOSED_HEADERS).join(', '),
  };
  const preflight = {
    'access-control-allow-methods': listOf(config.CORS_METHODS).join(', '),
    'access-control-allow-headers': listOf(config.CORS_HEADERS).join(', '),
    'access-control-max-age': String(config.CORS_MAX_AGE_SECONDS),
  };

  return ({ method, headers, answerHeaders }) => {
    const { origin } = headers;
    // Also for those that send none: a cache must not give their answer to one that does.
    if (!any) answerHeaders['vary'] = 'origin';
    if (origin === undefined || !(any || origins.has(origin))) return undefined;
    answerHeaders['access-control-allow-origin'] = any ? '*' : origin;
    Object.assign(answerHeaders, shared);
    if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
      return { status: 204, body: '', headers: preflight };
    }
    Object.assign(answerHeaders, exposed);
    return undefined;
  };
}
