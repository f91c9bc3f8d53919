import { InvalidRequestError } from '../../functions/runtime/errors.ts';

/**
 * What a message must keep to be taken as a CloudEvent: the answer to a breach says the sentence, and
 * `docs/EVENTS.md` lists them all. `from` is where the rule stands: the specification of CloudEvents 1.0.2 (`spec`),
 * its HTTP binding (`http`), its JSON format (`json`), or this product (`ours`).
 */
export const WIRE_RULES = {
  'an-event': {
    from: 'http',
    says: 'The message has neither ce- headers nor a content type of CloudEvents',
  },
  'known-format': { from: 'http', says: 'The event format must be application/cloudevents+json' },
  'batch-unasked': {
    from: 'http',
    says: 'A batch of events is not taken here: send them one by one',
  },
  'batch-length': { from: 'ours', says: 'A batch holds at most 1,000 events' },
  'no-type-header': {
    from: 'http',
    says: 'The type of the data is said by Content-Type, not by ce-datacontenttype',
  },
  required: { from: 'spec', says: 'The attribute is required, and must not be empty' },
  specversion: { from: 'spec', says: 'The version of the specification must be 1.0' },
  name: {
    from: 'spec',
    says: 'A name of an attribute is made of small letters and digits, and is not "data"',
  },
  empty: { from: 'spec', says: 'The attribute must not be empty' },
  text: {
    from: 'spec',
    says: 'Control characters, halves of surrogate pairs and noncharacters are not allowed',
  },
  'uri-reference': { from: 'spec', says: 'The attribute must be a URI-reference (RFC 3986)' },
  uri: { from: 'spec', says: 'The attribute must be a URI with a scheme (RFC 3986)' },
  time: { from: 'spec', says: 'The attribute must be a time as in RFC 3339' },
  'media-type': { from: 'spec', says: 'The attribute must be a media type (RFC 2046)' },
  percent: { from: 'http', says: 'The header is not percent-encoded properly' },
  'utf-8': { from: 'http', says: 'The header is not valid UTF-8 once it is decoded' },
  'body-utf-8': { from: 'json', says: 'The body is not valid UTF-8' },
  json: { from: 'json', says: 'The body is not valid JSON' },
  object: { from: 'json', says: 'An event in JSON is an object' },
  list: { from: 'json', says: 'A batch of events in JSON is a list' },
  twice: { from: 'json', says: 'A member stands twice in the event' },
  string: { from: 'spec', says: 'The attribute must be a string' },
  scalar: { from: 'spec', says: 'An extension is a string, a boolean or a whole number' },
  int32: { from: 'spec', says: 'A whole number must fit into 32 bits' },
  'one-data': { from: 'json', says: 'An event has data or data_base64, not both' },
  base64: { from: 'json', says: 'data_base64 must be a string in base64 (RFC 4648)' },
  'text-data': { from: 'json', says: 'Data that are not JSON are written as a string' },
  'json-data': { from: 'json', says: 'The data are not the JSON that their type says' },
} as const satisfies Record<string, { from: 'spec' | 'http' | 'json' | 'ours'; says: string }>;

/** The name of one rule. */
export type WireRule = keyof typeof WIRE_RULES;

/**
 * Refuses a message.
 * @param path The attribute or header at fault; empty for the message as a whole.
 * @throws {InvalidRequestError} Always.
 */
export function refuse(rule: WireRule, path = '', options: ErrorOptions = {}): never {
  const { says } = WIRE_RULES[rule];
  const at = path.slice(0, 100);
  throw new InvalidRequestError(`Not a valid CloudEvent${at === '' ? '' : ` at ${at}`}: ${says}`, {
    ...options,
    details: [{ path: at, message: says }],
  });
}
