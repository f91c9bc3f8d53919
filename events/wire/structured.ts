import { isUtf8 } from 'node:buffer';

import { checkAttributes, isJsonType } from './attributes.ts';
import type { AttributeValue } from './attributes.ts';
import { dataOf } from './binary.ts';
import { sliceJson } from './json-slices.ts';
import type { Slice } from './json-slices.ts';
import { toEvent } from './received-event.ts';
import type { ReceivedEvent } from './received-event.ts';
import { refuse } from './rules.ts';

/** More would only be a way to hold many others up. */
const MAX_BATCH = 1000;

/**
 * An event in structured mode: one JSON object.
 * @throws {InvalidRequestError} When it is not valid.
 */
export function readStructured(body: Buffer, parse: boolean): ReceivedEvent {
  const text = textOf(body);
  return readEnvelope(parseText(text), text, parse);
}

/**
 * The events of a batch, in their order: a JSON list, which may be empty.
 * @throws {InvalidRequestError} When one of them is not valid.
 */
export function readBatch(body: Buffer, parse: boolean): ReceivedEvent[] {
  const text = textOf(body);
  const values = parseText(text);
  if (!Array.isArray(values)) return refuse('list');
  if (values.length > MAX_BATCH) refuse('batch-length');
  return sliceJson(text).map(({ start, end }, index) =>
    readEnvelope(values[index], text.slice(start, end), parse),
  );
}

function textOf(body: Buffer): string {
  return isUtf8(body) ? body.toString('utf8') : refuse('body-utf-8');
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the body.
    return refuse('json', '', { cause });
  }
}

function readEnvelope(value: unknown, text: string, parse: boolean): ReceivedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('object');
  const slices = sliceJson(text);
  const names = new Set(slices.map(({ name }) => name));
  if (names.size < slices.length) refuse('twice');

  const { data, data_base64: base64, ...others } = value as Record<string, unknown>;
  const attributes = new Map(
    Object.entries(others).flatMap(([name, attribute]) =>
      // A null is an attribute that is not there: JSON format, 2.2.
      attribute === null ? [] : [[name, scalar(attribute, name)] as const],
    ),
  );
  checkAttributes(attributes);
  const declared = attributes.get('datacontenttype')?.toString();
  if (base64 !== undefined && base64 !== null) {
    if (names.has('data')) refuse('one-data');
    if (typeof base64 !== 'string') refuse('base64', 'data_base64');
    const bytes = Buffer.from(base64, 'base64');
    // Node takes other alphabets, leaves out what it does not know, and needs no padding.
    if (bytes.toString('base64') !== base64) refuse('base64', 'data_base64');
    const decoded = parse ? dataOf(bytes, declared) : undefined;
    return { event: toEvent(attributes, decoded), bytes, contentType: declared };
  }
  if (!names.has('data')) {
    return { event: toEvent(attributes, undefined), bytes: undefined, contentType: declared };
  }
  const contentType = declared ?? 'application/json';
  const isJson = isJsonType(contentType);
  if (!isJson && typeof data !== 'string') refuse('text-data', 'data');
  return {
    event: toEvent(attributes, parse ? data : undefined),
    bytes: Buffer.from(isJson ? rawData(text, slices) : (data as string)),
    contentType,
  };
}

function scalar(value: unknown, name: string): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return refuse('scalar', name);
}

/** As it was sent: numbers may have more digits than JavaScript keeps. */
function rawData(text: string, slices: readonly Slice[]): string {
  const slice = slices.find(({ name }) => name === 'data');
  return slice === undefined ? 'null' : text.slice(slice.start, slice.end);
}
