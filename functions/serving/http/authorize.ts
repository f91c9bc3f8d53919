import type { RequestContext } from './request-context.ts';

/**
 * The one place that decides whether a caller may do what it asks; it sees every request but probes and
 * metrics, before the body is read. Lets all pass until tokens are checked here.
 */
export function authorize(_context: RequestContext): void {}
