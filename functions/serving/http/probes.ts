import { MethodNotAllowedError } from '../../runtime/errors.ts';
import { jsonReply } from './respond.ts';
import type { Reply } from './route.ts';

const LIVE = new Set(['/healthz', '/health', '/v2/health/live']);
const READY = new Set(['/ready', '/v2/health/ready']);

/**
 * The answer to a probe, before anything else is looked at; undefined for other paths. Live means that the
 * event loop answers, ready that predictions will.
 * @throws {MethodNotAllowedError} For anything but GET and HEAD.
 */
export function answerProbe(method: string, path: string, isReady: boolean): Reply | undefined {
  const live = LIVE.has(path);
  if (!live && !READY.has(path)) return undefined;
  requireGet(method);
  if (live) return jsonReply(200, { live: true });
  return isReady
    ? jsonReply(200, { ready: true })
    : jsonReply(503, { ready: false }, { 'retry-after': '1' });
}

/** @throws {MethodNotAllowedError} For anything but GET and HEAD. */
export function requireGet(method: string): void {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new MethodNotAllowedError('The route answers GET, HEAD only', { allow: ['GET', 'HEAD'] });
  }
}
