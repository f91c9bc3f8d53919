import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An error of the router itself. */
export interface RouterError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** Answers with JSON, unless an answer has begun. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Answers with an error in the form that typed routes use. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  error: RouterError,
): void {
  if (response.headersSent) return;
  if (error.retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', String(error.retryAfterSeconds));
  }
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && given.length <= 256 ? given : randomUUID();
  response.setHeader('x-request-id', requestId);
  answerJson(response, error.status, {
    error: { code: error.code, message: error.message, request_id: requestId },
  });
}

/** Answers as Knative's proxies do: one line of text. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}
