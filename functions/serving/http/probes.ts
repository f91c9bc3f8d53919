import { MethodNotAllowedError } from '../../runtime/errors.ts';
import type { RequestContext } from './request-context.ts';
import { jsonReply } from './respond.ts';
import { allowReply } from './route.ts';
import type { Reply } from './route.ts';

const LIVE = new Set(['/healthz', '/health', '/v2/health/live']);
const READY = new Set(['/ready', '/v2/health/ready']);
const GET_ONLY = ['GET', 'HEAD', 'OPTIONS'];

/** Every method that some route answers. */
export const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** What {@link answerProbe} says of this process. */
export interface ProbedState {
  readonly isReady: boolean;
  /** `/metrics`, unless that is on a port of its own. */
  readonly metrics: (() => Promise<Reply>) | undefined;
}

/**
 * The answer to a probe, a scraper, or a question about the server as a whole, before anything else is looked
 * at; undefined for other paths. Live means that the event loop answers, ready that predictions will.
 * @throws {MethodNotAllowedError} For anything but GET, HEAD and OPTIONS.
 */
export function answerProbe(
  { method, path }: Pick<RequestContext, 'method' | 'path'>,
  state: ProbedState,
): Reply | Promise<Reply> | undefined {
  if (path === '*' && method === 'OPTIONS') return allowReply(METHODS);
  const metrics = path === '/metrics' ? state.metrics : undefined;
  if (!LIVE.has(path) && !READY.has(path) && metrics === undefined) return undefined;
  if (method === 'OPTIONS') return allowReply(GET_ONLY);
  if (method !== 'GET' && method !== 'HEAD') {
    throw new MethodNotAllowedError('The route answers GET, HEAD only', { allow: GET_ONLY });
  }
  if (metrics !== undefined) return metrics();
  if (LIVE.has(path)) return jsonReply(200, { live: true });
  return state.isReady
    ? jsonReply(200, { ready: true })
    : jsonReply(503, { ready: false }, { 'retry-after': '1' });
}
