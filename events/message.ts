import { CloudEvent, HTTP } from 'cloudevents';
import type { CloudEventV1 } from 'cloudevents';

import { MEDIA_TYPES } from './types.ts';
import { isJsonType } from './wire/attributes.ts';
import { encodeHeader } from './wire/header-values.ts';

/** What an event is made of; `time` is now where it is left out. */
export interface EventParts {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string | undefined;
  readonly datacontenttype?: string | undefined;
  /** Bytes, text, or what JSON can write. */
  readonly data?: unknown;
  readonly [extension: string]: unknown;
}

/** An event to be sent, as an HTTP message. */
export interface EventMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/**
 * The SDK's event.
 * @throws {ValidationError} Of the SDK, when it is not valid: a fault of ours.
 */
export function createEvent(parts: EventParts): CloudEvent<unknown> {
  return new CloudEvent({ ...parts, specversion: '1.0' } as Partial<CloudEventV1<unknown>>);
}

/** An event in binary mode: attributes as headers, percent-encoded, which the SDK leaves to its callers. */
export function binaryMessage(event: CloudEventV1<unknown>): EventMessage {
  const { headers, body } = HTTP.binary(event);
  const encoded = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = String(value);
    return [[name, name.startsWith('ce-') ? encodeHeader(text) : text] as const];
  });
  return { headers: Object.fromEntries(encoded), body: bodyOf(event, body) };
}

/** Data of JSON that are a string, a number, a boolean: the SDK writes them without quotes, or not at all. */
function bodyOf(event: CloudEventV1<unknown>, body: unknown): string | Buffer {
  const { data, datacontenttype = 'application/json' } = event;
  if (data === undefined) return '';
  if (data instanceof Uint8Array) return Buffer.from(data);
  if (isJsonType(datacontenttype)) return JSON.stringify(data);
  return String(body);
}

/** An event in structured mode. */
export function structuredMessage(event: CloudEventV1<unknown>): EventMessage {
  return {
    headers: { 'content-type': `${MEDIA_TYPES.event}; charset=utf-8` },
    body: structuredText(event),
  };
}

/**
 * An event as JSON.
 * @param json Its data, where they are JSON already: they are taken as they are.
 */
export function structuredText(
  { data, data_base64: _binary, ...attributes }: CloudEventV1<unknown>,
  json?: string,
): string {
  const head = JSON.stringify(attributes);
  if (json === undefined && data === undefined) return head;
  const isBytes = data instanceof Uint8Array;
  const member = json === undefined && isBytes ? 'data_base64' : 'data';
  const value = json ?? JSON.stringify(isBytes ? Buffer.from(data).toString('base64') : data);
  return `${head.slice(0, -1)},"${member}":${value}}`;
}
