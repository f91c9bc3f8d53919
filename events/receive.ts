/**
 * START HERE. What comes in: an HTTP message becomes events, or is refused. What goes out: `reply.ts` answers an
 * event with another, `publish.ts` sends one on; `outcome.ts` says what a failure means to a broker.
 */
import { hasEventHeaders, readBinary } from './wire/binary.ts';
import type { HttpMessage, ReceivedEvent } from './wire/received-event.ts';
import { refuse } from './wire/rules.ts';
import { readBatch, readStructured } from './wire/structured.ts';

/** How to receive. */
export interface ReceiveOptions {
  /** Whether several events may come in one message: function endpoints take that, brokers do not. */
  readonly batched: boolean;
  /** `bytes` leaves JSON data unparsed, for those who read the bytes themselves. @default 'value' */
  readonly data?: 'value' | 'bytes';
}

/** What a message holds. */
export interface Received {
  /** Whether they came as a batch, and so are answered as one. */
  readonly isBatch: boolean;
  /** One, unless it is a batch. */
  readonly events: readonly ReceivedEvent[];
}

/** Whether a message is meant to be an event, valid or not. */
export function looksLikeEvent({ headers }: Pick<HttpMessage, 'headers'>): boolean {
  return hasEventHeaders(headers) || eventFormat(headers) !== undefined;
}

/**
 * The events of a message in binary, structured or batched mode. Every rule that it must keep is in
 * `wire/rules.ts`; the SDK's own parser checks hardly any of them.
 * @throws {InvalidRequestError} When one of them is broken; a batch is taken whole or not at all.
 */
export function receive(message: HttpMessage, options: ReceiveOptions): Received {
  const parse = options.data !== 'bytes';
  const { headers, body } = message;
  const format = eventFormat(headers);
  if (format === undefined) {
    if (!hasEventHeaders(headers)) refuse('an-event');
    return { isBatch: false, events: [readBinary(message, parse)] };
  }
  if (format === 'batch+json') {
    if (!options.batched) refuse('batch-unasked');
    return { isBatch: true, events: readBatch(body, parse) };
  }
  if (format !== '+json') refuse('known-format', 'content-type');
  return { isBatch: false, events: [readStructured(body, parse)] };
}

/**
 * What follows `application/cloudevents` in the content type: `+json`, or `batch+json` after a hyphen;
 * `undefined` when the message is not in an event format.
 */
function eventFormat(headers: HttpMessage['headers']): string | undefined {
  const [type = '', ...parameters] = String(headers['content-type'] ?? '').split(';');
  // HTTP binding, 3: in any case of letters.
  const format = /^\s*application\/cloudevents(?:-(?=batch))?(.*?)\s*$/i.exec(type)?.[1];
  if (format === undefined) return undefined;
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]+)/i.exec(one)?.[1]);
  // JSON is UTF-8, and ASCII is too.
  const isReadable = charset.every((one) => one === undefined || /^(utf-?8|us-ascii)$/i.test(one));
  return isReadable ? format.toLowerCase() : '(another charset)';
}
