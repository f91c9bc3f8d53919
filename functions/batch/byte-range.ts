import type { IncomingHttpHeaders } from 'node:http';

import { RangeNotSatisfiableError } from '../runtime/errors.ts';

/** Bytes from one position up to, but not at, another. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What of something is asked for. */
export interface Representation {
  readonly sizeBytes: number;
  /** With its quotes. */
  readonly etag: string;
}

/**
 * The bytes that a request asks for with `Range`; undefined for all of them: there is no such header, it is not one range of
 * bytes, or `If-Range` names another state. https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 * @throws {RangeNotSatisfiableError} When the range begins behind the end.
 */
export function readByteRange(
  { range = '', 'if-range': state }: IncomingHttpHeaders,
  { sizeBytes, etag }: Representation,
): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (state !== undefined && state !== etag) return undefined;
  const found =
    first === ''
      ? { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes }
      : { start: Number(first), end: last === '' ? sizeBytes : Number(last) + 1 };
  // A range whose end is before its begin is none at all.
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (found.start >= sizeBytes) {
    throw new RangeNotSatisfiableError(`There are ${sizeBytes} bytes`);
  }
  return { start: found.start, end: Math.min(found.end, sizeBytes) };
}
