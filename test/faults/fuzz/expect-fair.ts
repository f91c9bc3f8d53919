import { ERROR_TABLE } from '../../../functions/runtime/errors.ts';
import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import type { FuzzAnswer } from './exchange.ts';
import type { FuzzCase } from './plan-case.ts';

/** What a client may be told, whatever it sends to a function that is well. */
const ALLOWED: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'INVALID_IMAGE',
  'FORBIDDEN',
  'MODEL_NOT_FOUND',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'NOT_ACCEPTABLE',
  'REQUEST_TIMEOUT',
  'HEADERS_TOO_LARGE',
  'RESPONSE_TOO_LARGE',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'QUEUE_FULL',
  'INFERENCE_TIMEOUT',
];

/** No HTML, no stack, no path of a source file. */
const INSIDE = /<(!doctype|html|body|pre)\b|\\n\s+at |\.[jt]s:\d|node:internal/i;

/**
 * What of each answer was said, in a word: `200`, or the code of an error.
 * @throws {Error} When an answer is one that no client may get.
 */
export function expectFair({ methods, path }: FuzzCase, answers: readonly FuzzAnswer[]): string[] {
  if (answers.length === 0) throw new Error('no answer at all');
  if (answers.length > methods.length + 1) throw new Error(`${answers.length} answers`);
  return answers.map((answer, place) => {
    const isLast = place >= methods.length - 1;
    return fairWord(answer, methods[place] ?? '', isLast ? path : '/healthz');
  });
}

function fairWord({ status, headers, body }: FuzzAnswer, method: string, path: string): string {
  const text = body.toString();
  const type = headers['content-type'] ?? '';
  if (status === 200 || status === 204) {
    if (method !== 'HEAD' && type.startsWith('application/json')) JSON.parse(text);
    if (type.startsWith('text/html') && path.split('?', 1)[0] !== '/') throw new Error('HTML');
    return String(status);
  }
  if (method === 'HEAD') return String(status);
  if (type !== 'application/json') throw new Error(`${status} as ${type}: ${text.slice(0, 200)}`);
  if (INSIDE.test(text)) throw new Error(`shows its inside: ${text.slice(0, 300)}`);
  const { error, code: outer } = JSON.parse(text) as {
    readonly error: string | { readonly code: string; readonly message: string };
    readonly code?: string;
  };
  const isProtocol = typeof error === 'string';
  const code = (isProtocol ? outer : error.code) as ErrorCode;
  const message = isProtocol ? error : error.message;
  if (!ALLOWED.includes(code) || statusOf(code, method, path) !== status || message === '') {
    throw new Error(`${status}: ${text.slice(0, 300)}`);
  }
  if (headers['x-request-id'] === undefined) throw new Error('no x-request-id');
  if (status === 429 && !(Number(headers['retry-after']) >= 1)) {
    throw new Error('429 without Retry-After');
  }
  return code;
}

/** What a Broker is told with the code differs: it sends again what is not 4xx. */
function statusOf(code: ErrorCode, method: string, path: string): number {
  return ERROR_TABLE[code][method === 'POST' && path === '/' ? 'event' : 'status'];
}
