import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from 'vitest';

import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import { SETOSA, ask, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const { petal_width: _, ...THREE } = SETOSA;
const LIMIT = 10_485_760;
const DEEP = 100_000;

/** SETOSA's JSON with one number replaced by text that JSON.stringify would not write. */
const withWidth = (text: string): string => JSON.stringify(SETOSA).replace('0.2}', `${text}}`);

/** `text` with blanks behind it, so long in all. */
const padded = (text: string, bytes: number): Buffer =>
  Buffer.concat([Buffer.from(text)], bytes).fill(' ', Buffer.byteLength(text));

/** What the body is, the body, and what the message or the first detail must name. */
const BODIES: readonly (readonly [string, unknown, string])[] = [
  ['empty', '', 'empty'],
  ['not JSON', 'hello', 'not valid JSON'],
  ['JSON cut short', '{"sepal_length":5.1', 'not valid JSON'],
  ['two JSON values', '{}{}', 'not valid JSON'],
  ['with a comment', `/* */${JSON.stringify(SETOSA)}`, 'not valid JSON'],
  ['with single quotes', "{'sepal_length':5.1}", 'not valid JSON'],
  ['NaN', withWidth('NaN'), 'not valid JSON'],
  ['Infinity', withWidth('-Infinity'), 'not valid JSON'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
  ['UTF-16', Buffer.from(JSON.stringify(SETOSA), 'utf16le'), 'not valid JSON'],
  ['a number', '5', 'expected object'],
  ['a string', '"setosa"', 'expected object'],
  ['null', 'null', 'expected object'],
  ['true', 'true', 'expected object'],
  ['an array as a bare instance', [SETOSA], 'expected object'],
  ['an array of numbers', [5.1, 3.5, 1.4, 0.2], 'expected object'],
  ['an empty object', {}, 'sepal_length'],
  ['three of four features', THREE, 'petal_width'],
  ['an unknown key', { ...SETOSA, colour: 'blue' }, 'colour'],
  ['a key in other letters', { ...THREE, Petal_Width: 0.2 }, 'petal_width'],
  ['null for a number', { ...SETOSA, petal_width: null }, 'petal_width'],
  ['a string for a number', { ...SETOSA, petal_width: '0.2' }, 'petal_width'],
  ['a boolean for a number', { ...SETOSA, petal_width: true }, 'petal_width'],
  ['a list for a number', { ...SETOSA, petal_width: [0.2] }, 'petal_width'],
  ['a number too large for a double', withWidth('1e400'), 'petal_width'],
  ['a number too large for FP32', withWidth('1e39'), 'petal_width'],
  ['a negative length', { ...SETOSA, petal_width: -0.1 }, 'petal_width'],
  ['a length of more than a metre', { ...SETOSA, petal_width: 100.1 }, 'petal_width'],
  ['__proto__ as a key', withWidth('0.2,"__proto__":{"x":1}'), '__proto__'],
  [
    '__proto__ in place of a feature',
    JSON.stringify({ ...THREE }).replace('}', ',"__proto__":{"petal_width":0.2}}'),
    'petal_width',
  ],
  ['constructor as a key', { ...SETOSA, constructor: { prototype: {} } }, 'constructor'],
  ['an empty list of instances', { instances: [] }, 'instances'],
  ['instances that are no list', { instances: SETOSA }, 'instances'],
  ['instances: null', { instances: null }, 'instances'],
  ['instances beside another key', { instances: [SETOSA], signature_name: 'x' }, 'signature_name'],
  ['instances beside __proto__', '{"instances":[{}],"__proto__":[]}', '__proto__'],
  ['instances that are lists', { instances: [[5.1, 3.5, 1.4, 0.2]] }, 'expected object'],
  ['instances with a null', { instances: [SETOSA, null] }, 'expected object'],
  ['instances within instances', { instances: [{ instances: [SETOSA] }] }, 'instances'],
  ['deep arrays', '['.repeat(DEEP) + ']'.repeat(DEEP), 'expected object'],
  ['deep objects', `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`, 'sepal_length'],
  ['a deep feature', withWidth('['.repeat(DEEP) + ']'.repeat(DEEP)), 'petal_width'],
  ['deep arrays without an end', '['.repeat(DEEP), 'not valid JSON'],
];

/** What is sent, with which headers, and the answer. */
const TYPES: readonly (readonly [string, Readonly<Record<string, string>>, ErrorCode])[] = [
  ['text', { 'content-type': 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['bytes', { 'content-type': 'application/octet-stream' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['almost JSON', { 'content-type': 'application/jsonx' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['two types', { 'content-type': 'application/json, text/html' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['an empty type', { 'content-type': '' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['latin1', { 'content-type': 'application/json; charset=latin1' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['br', { 'content-encoding': 'br' }, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a nonsense encoding', { 'content-encoding': 'gzip, nonsense' }, 'UNSUPPORTED_MEDIA_TYPE'],
];

onEveryServer('bad predict', { vias: ['main', 'framework'] }, (server) => {
  const url = (): string => `${server().url}/predict`;

  afterEach(async () => {
    expect(server().isRunning()).toBe(true);
    expect(json(await post(url(), SETOSA))).toMatchObject({ prediction: 'setosa' });
  });

  it.each(BODIES)('refuses a body that is %s', async (_what, body, named) => {
    const answer = await post(url(), body);

    const { message, details } = expectError(answer, 'INVALID_REQUEST', 'typed');
    expect(message + JSON.stringify(details)).toContain(named);
    expect(answer.text.length).toBeLessThan(1000);
  });

  it.each(TYPES)('refuses %s by its headers', async (_what, headers, code) => {
    expectError(await post(url(), SETOSA, headers), code, 'typed');
  });

  it('refuses a gzipped body', async () => {
    const answer = await post(url(), gzipSync(JSON.stringify(SETOSA)), {
      'content-encoding': 'gzip',
    });

    expectError(answer, 'UNSUPPORTED_MEDIA_TYPE', 'typed');
  });

  it('refuses a body without a content type', async () => {
    const answer = await ask(url(), { method: 'POST', body: Buffer.from(JSON.stringify(SETOSA)) });

    expectError(answer, 'UNSUPPORTED_MEDIA_TYPE', 'typed');
  });

  it('names every bad instance and every fault of it', async () => {
    const instances = [SETOSA, { ...SETOSA, petal_width: 'wide' }, SETOSA, THREE];

    const answer = await post(url(), { instances });

    expect(expectError(answer, 'INVALID_REQUEST', 'typed').details).toEqual([
      { instance: 1, path: 'petal_width', message: expect.stringContaining('expected number') },
      { instance: 3, path: 'petal_width', message: expect.stringContaining('expected number') },
    ]);
  });

  it('lists 20 faults and no more', async () => {
    const instances = Array.from({ length: 100_000 }, () => 1);

    const answer = await post(url(), { instances });

    const { details } = expectError(answer, 'INVALID_REQUEST', 'typed');
    expect(details?.map(({ instance }) => instance)).toEqual([...Array(20).keys()]);
  });

  it.each([
    ['very long', { ['k'.repeat(1_000_000)]: 1 }],
    ['very many', Object.fromEntries(Array.from({ length: 100_000 }, (_v, n) => [`k${n}`, n]))],
    ['full of quotes', { ['"\\\n\u2028<script>'.repeat(1000)]: 1 }],
    ['half a surrogate pair', { ['\ud83d'.repeat(500)]: 1 }],
  ])('answers shortly when unknown keys are %s', async (_what, keys) => {
    for (const body of [keys, { ...SETOSA, ...keys }, { instances: [SETOSA], ...keys }]) {
      const answer = await post(url(), body);

      expect(answer.status).toBe(400);
      expect(answer.text.length).toBeLessThan(4000);
      expect(json<{ error: object }>(answer).error).toMatchObject({ code: 'INVALID_REQUEST' });
    }
  });

  describe('size', () => {
    const rounds: readonly (readonly [string, (body: Buffer) => Promise<Answer>])[] = [
      ['with Content-Length', (body) => post(url(), body)],
      ['without Content-Length', (body) => postChunked(url(), body)],
    ];

    it.each(rounds)('takes 10 MB, %s', async (_how, send) => {
      const answer = await send(padded(JSON.stringify(SETOSA), LIMIT));

      expect(json(answer)).toMatchObject({ prediction: 'setosa' });
    });

    it.each(rounds)('refuses 10 MB and a byte, %s', async (_how, send) => {
      const answer = await send(padded(JSON.stringify(SETOSA), LIMIT + 1));

      expectError(answer, 'PAYLOAD_TOO_LARGE', 'typed');
    });
  });
});

/** Sends the body in chunks, its length unsaid. */
function postChunked(url: string, body: Buffer): Promise<Answer> {
  const chunks = Array.from({ length: Math.ceil(body.length / 65_536) }, (_v, n) =>
    body.subarray(n * 65_536, (n + 1) * 65_536),
  );
  return ask(url, {
    method: 'POST',
    body: ReadableStream.from(chunks),
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  });
}
