import { refuse } from './rules.ts';

/** What an attribute may be. In binary mode all are strings. */
export type AttributeValue = string | number | boolean;

/** Attributes by name, extensions among them. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;
const NAME = /^[a-z0-9]+$/;
// https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md#type-system. A lone half of a pair is a code
// point of its own under the flag `u`.
const NOT_TEXT =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufdd0-\ufdef]|\p{Noncharacter_Code_Point}/u;
/** Characters of RFC 3986; brackets only stand around an address of IPv6. */
const URI_REFERENCE =
  /^(?:[a-z][a-z0-9+.-]*:|(?![^/?#]*:))(?:\/\/(?:[\w.~!$&'()*+,;=:@%-]*@)?(?:\[[0-9a-f:.v]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?(?=[/?#]|$))?[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const BAD_PERCENT = /%(?![0-9a-f]{2})/i;
const RFC3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])t([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))*[ \\t]*;?$`,
);

/**
 * Sees to it that attributes are those of a valid CloudEvent.
 * @throws {InvalidRequestError} Naming the attribute, and the rule of `rules.ts`.
 */
export function checkAttributes(attributes: Attributes): void {
  for (const name of REQUIRED) {
    const value = attributes.get(name);
    if (value === undefined || value === '') refuse('required', name);
  }
  for (const [name, value] of attributes) checkAttribute(name, value);
}

function checkAttribute(name: string, value: AttributeValue): void {
  if (!NAME.test(name) || name === 'data') refuse('name', name);
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) refuse('scalar', name);
    if (value < -(2 ** 31) || value >= 2 ** 31) refuse('int32', name);
  }
  if (typeof value === 'string' && NOT_TEXT.test(value)) refuse('text', name);
  const check = CORE[name];
  if (check === undefined) return;
  if (typeof value !== 'string') refuse('string', name);
  check(value, name);
}

/** The attributes that the specification itself defines. */
const CORE: Readonly<Record<string, (value: string, name: string) => void>> = {
  __proto__: null as never,
  specversion: (value, name) => value === '1.0' || refuse('specversion', name),
  id: () => undefined,
  type: () => undefined,
  source: (value, name) => isUriReference(value) || refuse('uri-reference', name),
  subject: (value, name) => value !== '' || refuse('empty', name),
  time: (value, name) => isTime(value) || refuse('time', name),
  dataschema: (value, name) => (SCHEME.test(value) && isUriReference(value)) || refuse('uri', name),
  datacontenttype: (value, name) => MEDIA_TYPE.test(value) || refuse('media-type', name),
};

function isUriReference(text: string): boolean {
  return URI_REFERENCE.test(text) && !BAD_PERCENT.test(text);
}

function isTime(text: string): boolean {
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  if (day === undefined) return false;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= lastDay;
}

/** Whether a media type is one of JSON: `application/json`, `text/json`, `application/problem+json`. */
export function isJsonType(mediaType: string): boolean {
  return /^[^/;\s]+\/(?:[^/;\s]+\+)?json\s*(?:;|$)/i.test(mediaType);
}
