import { ClientGoneError } from '../../runtime/client-gone.ts';
import { toInferenceEngineError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Answered } from './answered.ts';
import { METHODS } from './probes.ts';
import { traceId } from './request-context.ts';

/** Counts an answer and writes its access line; failures of ours come with their causes. */
export function recordAnswer(
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
  model: string | undefined,
  { context, match, status, startedMs, cause }: Answered,
): void {
  // Never the path itself: it comes from the client, and a label's values must be few.
  const route = match?.route.path ?? 'unknown';
  const seconds = (startedMs - context.startedMs) / 1000;
  const method = METHODS.includes(context.method) ? context.method : 'other';
  metrics.record('http_requests_total', { route, method, status: String(status) });
  metrics.record('http_request_duration_seconds', { route }, seconds);

  const gone = cause instanceof ClientGoneError;
  const error = cause === undefined || gone ? undefined : toInferenceEngineError(cause);
  const code = error?.code;
  if (match?.route.predicts === true && model !== undefined) {
    metrics.record('inference_requests_total', { model, status: String(status) });
    metrics.record('inference_request_duration_seconds', { model }, seconds);
    if (code !== undefined) metrics.record('inference_errors_total', { model, error_type: code });
  }

  const fields = {
    request_id: context.requestId,
    trace_id: traceId(context.traceparent),
    method,
    route,
    status,
    duration_ms: Math.round(seconds * 1e6) / 1e3,
    // JSON has no members without a value.
    code,
    client_gone: gone ? true : undefined,
  };
  // The others of 5xx are what a client asked for or a start takes: no stack says more than their code.
  const failure = error?.status ?? status;
  if (failure === 500) log.error('request failed', { ...fields, error: cause });
  else if (failure > 500) log.warn('request', fields);
  else log.info('request', fields);
}
