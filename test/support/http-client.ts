import { expect } from 'vitest';

import type { ErrorCode } from '../../functions/runtime/errors.ts';
import { ERROR_TABLE } from '../../functions/runtime/errors.ts';
import type { ErrorForm } from '../../functions/serving/http/route.ts';
import type { RawAnswer } from './raw-http.ts';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A setosa, from Fisher's first row. */
export const SETOSA = {
  sepal_length: 5.1,
  sepal_width: 3.5,
  petal_length: 1.4,
  petal_width: 0.2,
} as const;

/** A virginica. */
export const VIRGINICA = {
  sepal_length: 6.3,
  sepal_width: 3.3,
  petal_length: 6,
  petal_width: 2.5,
} as const;

/** The same setosa in the Open Inference Protocol. */
export const SETOSA_TENSOR = {
  name: 'features',
  datatype: 'FP32',
  shape: [1, 4],
  data: [5.1, 3.5, 1.4, 0.2],
} as const;

/** Sends a request and reads the whole answer. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Posts a value as JSON; a string or bytes go as they are. */
export function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array;
  return ask(url, {
    method: 'POST',
    body: bytes ? Buffer.from(body) : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** The answer's JSON. The caller says what it expects; assertions follow. */
export function json<T = Record<string, unknown>>(answer: Pick<Answer, 'text'>): T {
  return JSON.parse(answer.text) as T;
}

/** A raw answer as an ordinary one. */
export function fromRaw({ status, headers, body }: RawAnswer): Answer {
  return { status, headers: new Headers({ ...headers }), text: body };
}

/** What an error body says, whatever its form. */
export interface ErrorContent {
  readonly message: string;
  readonly details?: readonly {
    readonly instance?: number;
    readonly path: string;
    readonly message: string;
  }[];
}

/**
 * Asserts that an answer is the table's error of that code, in that form: JSON, with its request id, and with
 * nothing of the inside. Returns what it says.
 */
export function expectError(answer: Answer, code: ErrorCode, form: ErrorForm): ErrorContent {
  expect(answer.text).toContain(code);
  expect(answer.status).toBe(ERROR_TABLE[code].status);
  expect(answer.headers.get('content-type')).toBe('application/json');
  // No HTML, no stack, no path of a source file.
  expect(answer.text).not.toMatch(
    /<(!doctype|html|body|pre)\b|\\n\s+at |\.[jt]s:\d|node:internal/i,
  );

  const body = json<{ error: unknown }>(answer);
  const requestId = answer.headers.get('x-request-id');
  expect(requestId).toMatch(/^.{1,256}$/);
  if (form === 'protocol') {
    expect(body).toMatchObject({ error: expect.any(String), code, request_id: requestId });
    return { ...body, message: body.error as string };
  }
  expect(Object.keys(body)).toEqual(['error']);
  expect(body.error).toMatchObject({ code, message: expect.any(String), request_id: requestId });
  return body.error as ErrorContent;
}
