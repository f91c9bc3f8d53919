import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { ask, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally, windowed } from '../../support/tally-model.ts';

const DATA = Buffer.from([1, 2, 3, 250]);
const BASE64 = DATA.toString('base64');
const TOTAL = 512;

/** A form as browsers send it. */
function form(...fields: readonly (readonly [string, string | Buffer])[]): RequestInit {
  const body = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, new Blob([Uint8Array.from(value)]), `${name}.bin`);
  }
  return { method: 'POST', body };
}

const raw = (type: string, body: Buffer | string): RequestInit => ({
  method: 'POST',
  body: Buffer.from(body),
  headers: { 'content-type': type },
});

describe.each([
  ['rows', tally],
  ['instance by instance', windowed],
])('forms of a model that works %s', (_how, definition) => {
  let served: ServedDefinition;
  const predict = (init: RequestInit, query = ''): Promise<Answer> =>
    ask(`${served.url}/predict${query}`, init);

  beforeAll(async () => {
    served = await serveDefinition(definition, fakeModel());
  });
  afterEach(async () => {
    expect(json(await post(`${served.url}/predict`, { data: BASE64 }))).toMatchObject({
      total: TOTAL,
    });
  });
  afterAll(() => served.close());

  it.each([
    ['JSON', raw('application/json', JSON.stringify({ data: BASE64 })), []],
    ['bytes', raw('application/octet-stream', DATA), ['application/octet-stream']],
    ['one of many types', raw('IMAGE/X-thing; a="b"', DATA), ['image/x-thing']],
    ['a form', form(['file', DATA]), []],
    ['a form with repeated fields', form(['text', 'b'], ['file', DATA], ['text', 'a']), ['b', 'a']],
  ])('takes %s', async (_what, init, notes) => {
    const answer = await predict(init);

    expect(answer.status, answer.text).toBe(200);
    expect(json(answer)).toMatchObject({
      total: TOTAL,
      length: 4,
      notes,
      model_name: 'fake',
      model_version: '3',
      request_id: answer.headers.get('x-request-id'),
      processing_time_ms: expect.any(Number),
    });
  });

  it.each([
    ['the query', form(['file', DATA]), '?factor=3', 3 * TOTAL, []],
    ['a field', form(['file', DATA], ['factor', '2.5']), '', 2.5 * TOTAL, []],
    [
      'both, each its own',
      form(['file', DATA], ['text', 'b'], ['text', 'a'], ['sorted', 'true']),
      '?factor=2',
      2 * TOTAL,
      ['a', 'b'],
    ],
    ['the query of JSON', raw('application/json', `{"data":"${BASE64}"}`), '?note=n', TOTAL, ['n']],
    ['the query of bytes', raw('image/png', DATA), '?factor=2&x=1', 2 * TOTAL, ['image/png']],
  ])('takes options from %s', async (_where, init, query, total, notes) => {
    expect(json(await predict(init, query))).toMatchObject({ total, notes });
  });

  it('gives every instance of a list the options, and keeps the order', async () => {
    const instances = Array.from({ length: 9 }, (_, n) => ({
      data: Buffer.from([n + 1, 1]).toString('base64'),
    }));

    const answer = await post(`${served.url}/predict?factor=10`, { instances });

    const { predictions } = json<{ predictions: { total: number }[] }>(answer);
    expect(predictions.map(({ total }) => total)).toEqual(instances.map((_, n) => 20 * (n + 2)));
  });

  it.each([
    'respond-async',
    'Respond-Async, wait=10',
    'return=minimal;a, respond-async',
    'a,respond-async;x',
  ])('refuses Prefer: %s, which nobody could answer yet', async (prefer) => {
    for (const path of ['/predict', '/infer']) {
      const answer = await post(served.url + path, { data: BASE64 }, { prefer });

      expect(expectError(answer, 'INVALID_REQUEST', 'typed').message).toContain('respond-async');
    }
  });

  it.each(['wait=10', 'return=minimal', 'respond-asynchronously', 'x=respond-async'])(
    'does not mind Prefer: %s',
    async (prefer) => {
      const answer = await post(`${served.url}/predict`, { data: BASE64 }, { prefer });

      expect(answer.status).toBe(200);
    },
  );

  it.each<readonly [string, RequestInit, string, ErrorCode, string]>([
    ['text', raw('text/plain', DATA), '', 'UNSUPPORTED_MEDIA_TYPE', 'image/*'],
    [
      'a type of no form',
      raw('imagex/png', DATA),
      '',
      'UNSUPPORTED_MEDIA_TYPE',
      'multipart/form-data',
    ],
    [
      'almost JSON',
      raw('application/json+x', DATA),
      '',
      'UNSUPPORTED_MEDIA_TYPE',
      'application/json',
    ],
    ['an empty body', raw('image/png', ''), '', 'INVALID_REQUEST', 'empty'],
    ['an empty form', raw('multipart/form-data; boundary=x', ''), '', 'INVALID_REQUEST', 'empty'],
    [
      'a form without a boundary',
      raw('multipart/form-data', 'x'),
      '',
      'INVALID_REQUEST',
      'boundary',
    ],
    [
      'a form cut short',
      raw('multipart/form-data; boundary=x', '--x\r\nA: b\r\n'),
      '',
      'INVALID_REQUEST',
      'ends before',
    ],
    ['a form without its file', form(['text', 'a']), '', 'INVALID_REQUEST', '"file" is missing'],
    ['a form with two files', form(['file', DATA], ['file', DATA]), '', 'INVALID_REQUEST', 'twice'],
    ['an unknown field', form(['file', DATA], ['colour', 'red']), '', 'INVALID_REQUEST', 'colour'],
    [
      '__proto__ as a field',
      form(['file', DATA], ['__proto__', 'x']),
      '',
      'INVALID_REQUEST',
      '__proto__',
    ],
    ['an empty file', form(['file', Buffer.alloc(0)]), '', 'INVALID_REQUEST', 'no bytes'],
    ['an empty text', form(['file', DATA], ['text', '']), '', 'INVALID_REQUEST', 'notes.0'],
    [
      'text that is not UTF-8',
      form(['file', DATA], ['text', Buffer.from([0xff])]),
      '',
      'INVALID_REQUEST',
      'UTF-8',
    ],
    [
      'an option as a file that is not UTF-8',
      form(['file', DATA], ['factor', Buffer.from([0xff])]),
      '',
      'INVALID_REQUEST',
      'UTF-8',
    ],
    [
      'an option in query and field',
      form(['file', DATA], ['factor', '2']),
      '?factor=2',
      'INVALID_REQUEST',
      'twice',
    ],
    ['an option twice', form(['file', DATA]), '?factor=2&factor=3', 'INVALID_REQUEST', 'twice'],
    ['an option out of range', raw('image/png', DATA), '?factor=101', 'INVALID_REQUEST', 'factor'],
    [
      'an option that is no number',
      raw('image/png', DATA),
      '?factor=two',
      'INVALID_REQUEST',
      'factor',
    ],
    [
      'an option within JSON',
      raw('application/json', `{"data":"${BASE64}","factor":2}`),
      '',
      'INVALID_REQUEST',
      'factor',
    ],
    [
      'base64 with junk',
      raw('application/json', '{"data":"AQID+g=\\n="}'),
      '',
      'INVALID_REQUEST',
      'base64',
    ],
    [
      'base64 without padding',
      raw('application/json', '{"data":"AQID+g"}'),
      '',
      'INVALID_REQUEST',
      'padding',
    ],
    ['what the model refuses', raw('image/png', Buffer.from([13])), '', 'INVALID_REQUEST', '13'],
  ])('refuses %s', async (_what, init, query, code, named) => {
    const answer = await predict(init, query);

    const { message, details } = expectError(answer, code, 'typed');
    expect(message + JSON.stringify(details)).toContain(named);
    expect(answer.text.length).toBeLessThan(1500);
  });
});

describe('output: enveloped', () => {
  let served: ServedDefinition;
  beforeAll(async () => {
    served = await serveDefinition(windowed, fakeModel());
  });
  afterAll(() => served.close());

  it('puts the prediction under output on /infer, the envelope beside it', async () => {
    const answer = await ask(`${served.url}/infer`, form(['file', DATA]));

    expect(json(answer)).toEqual({
      output: { total: TOTAL, length: 4, notes: [] },
      model_name: 'fake',
      model_version: '3',
      request_id: answer.headers.get('x-request-id'),
      processing_time_ms: expect.any(Number),
      batch_size: 2,
    });
  });

  it('gives a list for a list', async () => {
    const answer = await post(`${served.url}/infer`, { instances: [{ data: BASE64 }] });

    expect(json(answer)).toMatchObject({ output: [{ total: TOTAL }] });
  });

  it('names the instance of a list that the model refuses', async () => {
    const instances = [BASE64, Buffer.from([13]).toString('base64')].map((data) => ({ data }));

    const answer = await post(`${served.url}/infer`, { instances });

    expect(expectError(answer, 'INVALID_REQUEST', 'typed').details).toEqual([
      { instance: 1, path: '', message: 'fake: no 13' },
    ]);
  });
});
