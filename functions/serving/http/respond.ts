import type { ServerResponse } from 'node:http';

import { ERROR_TABLE, toInferenceEngineError } from '../../runtime/errors.ts';
import type { InferenceEngineError } from '../../runtime/errors.ts';
import type { RequestContext } from './request-context.ts';
import type { ErrorForm, Reply } from './route.ts';

/** A JSON answer. */
export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, body: JSON.stringify(value), contentType: 'application/json', headers };
}

/** Sends an answer; does nothing when the client is gone or an answer is on its way already. */
export function send(response: ServerResponse, context: RequestContext, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const headers = headersOf(context, reply);
  // RFC 9110, 8.6: an answer that has no content says no length.
  if (reply.contentType !== undefined) headers['content-length'] = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

/** The headers that every answer has, those of its request, and its own. */
export function headersOf(
  context: RequestContext,
  { contentType, headers: own }: Pick<Reply, 'contentType' | 'headers'>,
): Record<string, string | number> {
  const { answerHeaders, requestId, traceparent } = context;
  const headers: Record<string, string | number> = { 'x-request-id': requestId, traceparent };
  if (contentType !== undefined) headers['content-type'] = contentType;
  const timing = serverTiming(context);
  if (timing !== '') headers['server-timing'] = timing;
  Object.assign(headers, answerHeaders, own);
  if (answerHeaders['vary'] !== undefined && own?.['vary'] !== undefined) {
    headers['vary'] = `${answerHeaders['vary']}, ${own['vary']}`;
  }
  return headers;
}

/**
 * The answer to a failed request, in the form its caller understands. What is not one of our errors says
 * nothing of the inside.
 */
export function errorReply(cause: unknown, requestId: string, form: ErrorForm): Reply {
  const error = toInferenceEngineError(cause);
  const status = form === 'event' ? ERROR_TABLE[error.code].event : error.status;
  return jsonReply(status, errorBody(error, requestId, form), errorHeaders(error));
}

function errorBody(error: InferenceEngineError, requestId: string, form: ErrorForm): unknown {
  const { code, message, details } = error;
  const more = details === undefined ? {} : { details };
  // The protocol's body is {"error": "<message>"}; its clients ignore further keys.
  return form === 'protocol'
    ? { error: message, code, request_id: requestId, ...more }
    : { error: { code, message, request_id: requestId, ...more } };
}

function errorHeaders(error: InferenceEngineError): Record<string, string> {
  return {
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.allow === undefined ? {} : { allow: error.allow.join(', ') }),
  };
}

/** https://www.w3.org/TR/server-timing/ */
function serverTiming({ timings }: RequestContext): string {
  let text = '';
  for (const name of Object.keys(timings)) {
    text += `${text === '' ? '' : ', '}${name};dur=${(timings[name] ?? 0).toFixed(3)}`;
  }
  return text;
}
