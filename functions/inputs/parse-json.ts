import { isUtf8 } from 'node:buffer';

import { InvalidRequestError } from '../runtime/errors.ts';

/**
 * The JSON value that a body holds.
 * @throws {InvalidRequestError} When it is empty, not UTF-8 or not JSON.
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new InvalidRequestError('The body is empty: send JSON');
  requireUtf8(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    // The parser's own message quotes the body; logs and answers carry no payloads.
    throw new InvalidRequestError('The body is not valid JSON', { cause });
  }
}

/**
 * Sees to it that bytes are text.
 * @throws {InvalidRequestError} When they are not UTF-8.
 */
export function requireUtf8(body: Buffer): void {
  if (!isUtf8(body)) throw new InvalidRequestError('The body is not valid UTF-8');
}

/** Whether a JSON value is an object, not an array or null. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
