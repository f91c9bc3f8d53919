import { describe, expect, it } from 'vitest';

import { receive } from '../../../events/receive.ts';
import type { ReceiveOptions } from '../../../events/receive.ts';
import { WIRE_RULES } from '../../../events/wire/rules.ts';
import type { WireRule } from '../../../events/wire/rules.ts';
import { InvalidRequestError } from '../../../functions/runtime/errors.ts';

type Headers = Record<string, string>;

const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
const envelope = { specversion: '1.0', id: '1', source: '/s', type: 't' };

const binary = (headers: Headers = {}, body: string | Buffer = '') => ({
  headers: { ...required, ...headers },
  body: Buffer.from(body),
});
const json = (value: unknown, type = 'application/cloudevents+json') => ({
  headers: { 'content-type': type },
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});
const structured = (more: object) => json({ ...envelope, ...more });
const batch = (value: unknown) => json(value, 'application/cloudevents-batch+json');
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

function one(message: Parameters<typeof receive>[0], options: Partial<ReceiveOptions> = {}) {
  const { events } = receive(message, { batched: false, ...options });
  expect(events).toHaveLength(1);
  return events[0]!;
}

describe('receive() takes', () => {
  it('an event in binary mode, extensions as strings', () => {
    const { event, bytes: sent } = one(
      binary({ 'content-type': 'application/json', 'ce-model': 'iris', 'ce-n': '5' }, '{"a":1}'),
    );

    expect(event).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      datacontenttype: 'application/json',
      model: 'iris',
      n: '5',
      data: { a: 1 },
    });
    expect(sent?.toString()).toBe('{"a":1}');
  });

  it('an event in structured mode, extensions as what they are', () => {
    const { event, contentType } = one(structured({ flag: true, n: -5, text: 'x', data: [1] }));

    expect(event).toEqual({ ...envelope, flag: true, n: -5, text: 'x', data: [1] });
    expect(contentType).toBe('application/json');
  });

  it('a batch, in its order, empty too', () => {
    const { isBatch, events } = receive(
      batch([
        { ...envelope, id: 'b' },
        { ...envelope, id: 'a' },
      ]),
      {
        batched: true,
      },
    );

    expect(isBatch).toBe(true);
    expect(events.map(({ event }) => event.id)).toEqual(['b', 'a']);
    expect(receive(batch([]), { batched: true }).events).toEqual([]);
  });

  it.each([
    ['percent-encoded', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['in small hexadecimal digits', '%e2%82%ac', '€'],
    ['encoded without need', '%41bc', 'Abc'],
    ['decoded once only', '%2520', '%20'],
    ['as UTF-8, as Knative sends it', bytes('prix €'), 'prix €'],
    ['in double quotes', String.raw`"a \"b\" \\c"`, String.raw`a "b" \c`],
    ['with quotes inside', '{"othervalue": 5}', '{"othervalue": 5}'],
  ])('a header %s', (_how, header, value) => {
    expect(one(binary({ 'ce-subject': header })).event.subject).toBe(value);
  });

  it.each([
    '/a/b',
    'a',
    '//host/path',
    'https://example.com:8080/a?b=c#d',
    'urn:uuid:1',
    'minio:s3..bucket',
    'mailto:a@b.c',
    '#fragment',
    '?query',
    '/%C3%A9',
    'http://[::1]:8080/',
  ])('the source %s', (source) => {
    expect(one(structured({ source })).event.source).toBe(source);
  });

  it.each([
    '2018-04-05T03:56:24Z',
    '2018-04-05t03:56:24.123456789+05:30',
    '2016-12-31T23:59:60Z',
    '2024-02-29T00:00:00-00:00',
  ])('the time %s', (time) => {
    expect(one(structured({ time })).event.time).toBe(time);
  });

  it.each(['application/json', 'text/plain; charset=us-ascii', 'a/b;c="d;e"', 'image/png'])(
    'the type of data %s',
    (datacontenttype) => {
      const { event } = one(structured({ datacontenttype }));

      expect(event.datacontenttype).toBe(datacontenttype);
    },
  );

  it('an attribute of null as none', () => {
    expect(one(structured({ subject: null, data_base64: null })).event).toEqual(envelope);
  });

  it.each([
    ['binary, without a type', binary({}, '{"a":1}'), Buffer.from('{"a":1}')],
    ['binary text', binary({ 'content-type': 'text/plain' }, 'é'), 'é'],
    [
      'binary bytes',
      binary({ 'content-type': 'image/png' }, Buffer.from([0, 255])),
      Buffer.from([0, 255]),
    ],
    ['of another JSON type', binary({ 'content-type': 'application/x+json;a=b' }, '0'), 0],
    ['false', structured({ data: false }), false],
    ['null', structured({ data: null }), null],
    ['an empty string', structured({ data: '' }), ''],
    ['a string that is JSON', structured({ data: '{"a":1}' }), '{"a":1}'],
    ['text', structured({ datacontenttype: 'text/xml', data: '<a/>' }), '<a/>'],
    ['base64', structured({ data_base64: 'AAH/' }), Buffer.from([0, 1, 255])],
    ['base64 of JSON', structured({ datacontenttype: 'text/json', data_base64: 'WzFd' }), [1]],
    ['none', structured({}), undefined],
  ])('data: %s', (_what, message, data) => {
    expect(one(message).event.data).toEqual(data);
  });

  it('data byte by byte as they were sent, every digit', () => {
    const text = `{"specversion":"1.0","id":"\\u0031","source":"/s", "data" : {"n":[9007199254740993,1.0],"t":"]}\\"\\\\"} ,"type":"t"}`;

    const { bytes: sent, event } = one(json(text), { data: 'bytes' });

    expect(sent?.toString()).toBe(String.raw`{"n":[9007199254740993,1.0],"t":"]}\"\\"}`);
    expect(event).not.toHaveProperty('data');
  });

  it.each([
    'application/cloudevents+json; charset=UTF-8',
    'Application/CloudEvents+JSON',
    'application/cloudevents+json;charset="utf-8"',
  ])('the content type %s', (type) => {
    expect(one(json(envelope, type)).event).toEqual(envelope);
  });
});

/** At least one breach of every rule. */
const BREACHES: readonly (readonly [WireRule, string, Parameters<typeof receive>[0]])[] = [
  ['an-event', 'plain JSON', json({ a: 1 }, 'application/json')],
  ['known-format', 'XML', json('<event/>', 'application/cloudevents+xml')],
  ['known-format', 'no format', json(envelope, 'application/cloudevents')],
  [
    'known-format',
    'another charset',
    json(envelope, 'application/cloudevents+json; charset=utf-16'),
  ],
  ['batch-unasked', 'a batch', batch([envelope])],
  ['no-type-header', 'ce-datacontenttype', binary({ 'ce-datacontenttype': 'text/plain' })],
  ['required', 'no id', json({ ...envelope, id: undefined })],
  ['required', 'an empty id', structured({ id: '' })],
  ['required', 'an empty ce-id', binary({ 'ce-id': '' })],
  ['required', 'a type of null', structured({ type: null })],
  ['required', 'no source', json({ specversion: '1.0', id: '1', type: 't' })],
  [
    'required',
    'no specversion',
    { headers: { 'ce-id': '1', 'ce-source': '/', 'ce-type': 't' }, body: Buffer.alloc(0) },
  ],
  ['specversion', '0.3', structured({ specversion: '0.3' })],
  ['specversion', '19.0', binary({ 'ce-specversion': '19.0' })],
  ['name', 'a capital letter', structured({ fooBar: 'x' })],
  ['name', 'an underscore', binary({ 'ce-foo_bar': 'x' })],
  ['name', 'data', binary({ 'ce-data': 'x' })],
  ['name', 'nothing', structured({ '': 'x' })],
  [
    'name',
    'a member of every object',
    json('{"__proto__":"x","specversion":"1.0","id":"1","source":"/s","type":"t"}'),
  ],
  ['empty', 'subject', structured({ subject: '' })],
  ['text', 'a control character', structured({ id: 'a\nb' })],
  ['text', 'a C1 control', structured({ foo: '\u0085' })],
  ['text', 'half of a pair', structured({ foo: '\ud800' })],
  ['text', 'a noncharacter', structured({ foo: '\uffff' })],
  ['text', 'an encoded NUL', binary({ 'ce-foo': 'a%00b' })],
  ['uri-reference', 'a space', structured({ source: '/a b' })],
  ['uri-reference', 'two fragments', structured({ source: 'a#b#c' })],
  ['uri-reference', 'a bad scheme', structured({ source: '1a:b' })],
  ['uri-reference', 'not ASCII', structured({ source: '/é' })],
  ['uri-reference', 'a bad escape', structured({ source: '/%zz' })],
  ['uri', 'a relative one', structured({ dataschema: '/schema' })],
  ['uri', 'an empty one', structured({ dataschema: '' })],
  ['time', 'a word', structured({ time: 'yesterday' })],
  ['time', 'no zone', structured({ time: '2018-04-05T03:56:24' })],
  ['time', 'no such day', structured({ time: '2023-02-29T00:00:00Z' })],
  ['time', 'a number', binary({ 'ce-time': '1522900584' })],
  ['media-type', 'a word', structured({ datacontenttype: 'json' })],
  ['media-type', 'of a header', binary({ 'content-type': 'a/b/c' })],
  ['percent', 'a bare percent sign', binary({ 'ce-foo': '100%' })],
  ['utf-8', 'an overlong space', binary({ 'ce-foo': '%C0%A0' })],
  ['utf-8', 'a lone byte', binary({ 'ce-foo': '\u00e9' })],
  [
    'body-utf-8',
    'latin1',
    {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: Buffer.from('{"id":"\u00e9"}', 'latin1'),
    },
  ],
  ['json', 'half an object', json('{"id":')],
  ['json', 'nothing', json('')],
  ['object', 'a list', json([envelope])],
  ['object', 'null', json('null')],
  ['twice', 'id', json('{"specversion":"1.0","id":"1","source":"/s","type":"t","id":"2"}')],
  [
    'twice',
    'id, spelled in two ways',
    json(String.raw`{"specversion":"1.0","id":"1","source":"/s","type":"t","\u0069d":"2"}`),
  ],
  ['string', 'a number as id', structured({ id: 5 })],
  ['string', 'a boolean as subject', structured({ subject: true })],
  ['scalar', 'an object', structured({ foo: {} })],
  ['scalar', 'a list', structured({ foo: [] })],
  ['scalar', 'a fraction', structured({ foo: 0.5 })],
  ['int32', 'too large', structured({ foo: 2 ** 31 })],
  ['int32', 'too small', structured({ foo: -(2 ** 31) - 1 })],
  ['one-data', 'both', structured({ data: 1, data_base64: 'AA==' })],
  ['base64', 'another alphabet', structured({ data_base64: 'AA-_' })],
  ['base64', 'no padding', structured({ data_base64: 'AA' })],
  ['base64', 'a number', structured({ data_base64: 5 })],
  ['text-data', 'an object as text', structured({ datacontenttype: 'text/plain', data: {} })],
  ['json-data', 'half an object', binary({ 'content-type': 'application/json' }, '{"a":')],
  ['json-data', 'in base64', structured({ datacontenttype: 'text/json', data_base64: 'ew==' })],
];

describe('receive() refuses', () => {
  it.each(BREACHES)('%s: %s', (rule, _what, message) => {
    const act = (): unknown => receive(message, { batched: false });

    expect(act).toThrow(InvalidRequestError);
    expect(act).toThrow(WIRE_RULES[rule].says);
  });

  it('list: a batch that is none', () => {
    expect(() => receive(batch(envelope), { batched: true })).toThrow(WIRE_RULES.list.says);
  });

  it('batch-length: too many at once', () => {
    const many = Array.from({ length: 1001 }, () => envelope);

    expect(() => receive(batch(many), { batched: true })).toThrow(WIRE_RULES['batch-length'].says);
  });

  it('a batch whole when one of it is not valid', () => {
    expect(() => receive(batch([envelope, {}]), { batched: true })).toThrow(/specversion/);
  });

  it('nothing for another reason than the rules that the docs list', () => {
    const tested = new Set<string>([...BREACHES.map(([rule]) => rule), 'list', 'batch-length']);

    expect(Object.keys(WIRE_RULES).filter((rule) => !tested.has(rule))).toEqual([]);
  });
});
