import { isUtf8 } from 'node:buffer';

import { refuse } from './rules.ts';

/** A value as a whole in double quotes: older senders write it so. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;

/**
 * The value of a `ce-` header: unquoted, then percent-decoded once.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
 * @param value As Node gives it: each character stands for a byte.
 * @throws {InvalidRequestError} When it is not percent-encoded properly, or then is not UTF-8.
 */
export function decodeHeader(value: string, name: string): string {
  const text = fromBytes(value, name);
  const quoted = QUOTED.exec(text)?.[1];
  const plain = quoted === undefined ? text : quoted.replaceAll(/\\(.)/gs, '$1');
  if (!plain.includes('%')) return plain;
  if (/%(?![0-9a-f]{2})/i.test(plain)) refuse('percent', name);
  try {
    return decodeURIComponent(plain);
  } catch (cause) {
    return refuse('utf-8', name, { cause });
  }
}

/** Knative's own sender writes UTF-8 as it is. */
function fromBytes(value: string, name: string): string {
  // oxlint-disable-next-line no-control-regex -- the range is meant
  if (/^[\u0000-\u007f]*$/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : refuse('utf-8', name);
}

/** The value of a `ce-` header for an attribute. */
export function encodeHeader(value: string): string {
  return value.replaceAll(/[^\u0021-\u007e]|["%]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
