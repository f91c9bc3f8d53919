import type { PageRequest } from './request-of.ts';
import { readServerTiming } from './server-timing.ts';

/** What came back. */
export interface Outcome {
  readonly status: number;
  readonly text: string;
  /** The body, when it is JSON. */
  readonly json: unknown;
  readonly requestId: string;
  /** From sending to the last byte. */
  readonly totalMs: number;
  readonly steps: readonly (readonly [step: string, ms: number])[];
  /** Seconds; undefined when there is nothing to wait for. */
  readonly retryAfter: number | undefined;
}

/**
 * Sends a request and reads the whole answer.
 * @throws {TypeError} When there is no answer; an `AbortError` when it was called off.
 */
export async function sendRequest(
  root: string,
  { target, contentType, body, deadlineMs }: PageRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const startedMs = performance.now();
  const response = await fetch(root + target, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(deadlineMs === 0 ? {} : { 'x-request-timeout-ms': String(deadlineMs) }),
    },
    body: typeof body === 'string' || body instanceof File ? body : formOf(body),
    signal,
  });
  const text = await response.text();
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    text,
    json: parsed(text),
    requestId: response.headers.get('x-request-id') ?? '',
    totalMs: performance.now() - startedMs,
    steps: readServerTiming(response.headers.get('server-timing')),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
}

/** The code of an error, in whichever of the two forms it came. */
export function errorCode(json: unknown): string {
  const { error, code } = (json ?? {}) as ErrorBody;
  return (typeof error === 'object' ? error.code : code) ?? '';
}

interface ErrorBody {
  readonly error?: string | { readonly code?: string };
  readonly code?: string;
}

function formOf(parts: Exclude<PageRequest['body'], string | File>): FormData {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (value instanceof File) form.append(name, value, value.name);
    else form.append(name, value);
  }
  return form;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
