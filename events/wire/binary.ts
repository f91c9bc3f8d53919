import { isUtf8 } from 'node:buffer';

import { checkAttributes, isJsonType } from './attributes.ts';
import type { AttributeValue } from './attributes.ts';
import { decodeHeader } from './header-values.ts';
import { toEvent } from './received-event.ts';
import type { HttpMessage, ReceivedEvent } from './received-event.ts';
import { refuse } from './rules.ts';

const PREFIX = 'ce-';

/** Whether a message has an event's attributes in its headers. */
export function hasEventHeaders(headers: HttpMessage['headers']): boolean {
  return Object.keys(headers).some((name) => name.startsWith(PREFIX));
}

/**
 * An event in binary mode: attributes are headers, the data are the body.
 * @param parse Whether data of JSON are to be parsed.
 * @throws {InvalidRequestError} When it is not valid.
 */
export function readBinary({ headers, body }: HttpMessage, parse: boolean): ReceivedEvent {
  const attributes = new Map<string, AttributeValue>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX) || value === undefined) continue;
    if (header === 'ce-datacontenttype') refuse('no-type-header', header);
    attributes.set(header.slice(PREFIX.length), decodeHeader(String(value), header));
  }
  const contentType = headers['content-type']?.toString();
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  checkAttributes(attributes);
  if (body.length === 0) {
    return { event: toEvent(attributes, undefined), bytes: undefined, contentType };
  }
  const data = parse ? dataOf(body, contentType) : undefined;
  return { event: toEvent(attributes, data), bytes: body, contentType };
}

/**
 * Data as their type says: the JSON value, text, or the bytes themselves.
 * @throws {InvalidRequestError} When they are not the JSON that they should be.
 */
export function dataOf(bytes: Buffer, contentType: string | undefined): unknown {
  if (contentType !== undefined && isJsonType(contentType)) {
    if (!isUtf8(bytes)) refuse('json-data', 'data');
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (cause) {
      return refuse('json-data', 'data', { cause });
    }
  }
  if (/^text\//i.test(contentType ?? '') && isUtf8(bytes)) return bytes.toString('utf8');
  return bytes;
}
