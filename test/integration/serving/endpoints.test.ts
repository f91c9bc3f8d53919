import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineEndpoint } from '../../../functions/endpoint.ts';
import { bytes } from '../../../functions/inputs/bytes.ts';
import { InvalidRequestError } from '../../../functions/runtime/errors.ts';
import { fakeModel, rowsOf, valuesOf } from '../../support/fake-model.ts';
import { ask, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally } from '../../support/tally-model.ts';

const OWN_LIMIT = 5000;

/** Doubles every byte: as JSON, as CSV line by line, as raw bytes. */
const double = defineEndpoint({
  path: '/double',
  description: 'Doubles bytes',
  maxBodyBytes: OWN_LIMIT,
  request: z.strictObject({ data: bytes('What to double') }),
  response: z.strictObject({ values: z.array(z.number()), unit: z.string() }),
  options: z.object({ unit: z.string().default('-') }),
  forms: [
    { mediaTypes: ['text/plain'], read: ({ body }) => ({ data: body }) },
    {
      multipart: { file: { kind: 'file', required: true, description: 'What to double' } },
      read: ({ file = [] }) => ({ data: file[0]?.data }),
    },
  ],
  async predict({ data }, { infer, options }) {
    if (data[0] === 13) throw new InvalidRequestError('13 is not doubled');
    const { y } = await infer(rowsOf(...data), data.length);
    return { values: valuesOf(y), unit: options.unit };
  },
  produces: {
    async *'text/csv'({ values }, { options }) {
      yield Buffer.from(`value ${options.unit}\n`);
      for (const value of values) yield Buffer.from(`${value}\n`);
    },
    'application/octet-stream': ({ values }) => Uint8Array.from(values),
  },
});

/** JSON only, which it writes itself. */
const own = defineEndpoint({
  path: '/own/json-text',
  description: 'Writes its own JSON',
  request: z.strictObject({ data: bytes('Anything') }),
  forms: [{ mediaTypes: ['text/plain'], read: ({ body }) => ({ data: body }) }],
  response: z.strictObject({}),
  predict: async () => ({}),
  produces: {
    'application/json': (_answer, { envelope }) => `{"model":"${envelope['model_name']}"}`,
  },
});

describe('endpoints', () => {
  let served: ServedDefinition;
  beforeAll(async () => {
    const definition = { ...tally, endpoints: [double, own] };
    served = await serveDefinition(definition, fakeModel(), { MAX_BODY_BYTES: '1000' });
  });
  afterAll(() => served.close());

  const ofText = (
    body: Buffer | string,
    headers: Readonly<Record<string, string>> = {},
    query = '',
  ): Promise<Answer> =>
    post(`${served.url}/double${query}`, body, { 'content-type': 'text/plain', ...headers });
  const JSON_BODY = { data: Buffer.from([1, 2]).toString('base64') };

  it('answers JSON, flat, with the envelope beside it', async () => {
    const answer = await post(`${served.url}/double?unit=V`, JSON_BODY);

    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('vary')).toBe('accept');
    expect(json(answer)).toEqual({
      values: [2, 4],
      unit: 'V',
      model_name: 'fake',
      model_version: '3',
      request_id: answer.headers.get('x-request-id'),
      processing_time_ms: expect.any(Number),
      batch_size: 2,
    });
  });

  it('reads forms and their fields', async () => {
    const body = new FormData();
    body.append('file', new Blob([Uint8Array.of(3)]));
    body.append('unit', 'm');

    const answer = await ask(`${served.url}/double`, { method: 'POST', body });

    expect(json(answer)).toMatchObject({ values: [6], unit: 'm' });
  });

  it.each([
    ['text/csv', 'text/csv; charset=utf-8', 'value s\n2\n4\n', null],
    ['application/octet-stream', 'application/octet-stream', '\u0002\u0004', '2'],
    ['text/csv;q=0.1, application/octet-stream', 'application/octet-stream', '\u0002\u0004', '2'],
  ])('answers Accept: %s with %s', async (accept, type, text, length) => {
    const answer = await ofText('\u0001\u0002', { accept }, '?unit=s');

    expect([answer.status, answer.text]).toEqual([200, text]);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('vary')).toBe('accept');
    expect(answer.headers.get('content-length')).toBe(length);
    expect(answer.headers.get('server-timing')).toContain('infer;dur=');
  });

  it('refuses what it cannot answer with, and says what it can', async () => {
    const answer = await ofText('x', { accept: 'text/html' });

    expect(expectError(answer, 'NOT_ACCEPTABLE', 'typed').message).toContain(
      'application/json or text/csv or application/octet-stream',
    );
  });

  it('answers an error as JSON, whatever is accepted', async () => {
    expectError(await ofText('\r', { accept: 'text/csv' }), 'INVALID_REQUEST', 'typed');
  });

  it('does not look at Accept where there is no choice', async () => {
    const answer = await post(`${served.url}/own/json-text`, JSON_BODY, { accept: 'text/html' });

    expect(answer.text).toBe('{"model":"fake"}');
    expect(answer.headers.get('vary')).toBeNull();
  });

  it('takes no list', async () => {
    const answer = await post(`${served.url}/double`, { instances: [JSON_BODY] });

    expectError(answer, 'INVALID_REQUEST', 'typed');
  });

  it('answers POST only', async () => {
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      const answer = await ask(`${served.url}/double`, { method });

      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    }
  });

  const sends: readonly (readonly [string, (body: Buffer, path: string) => Promise<Answer>])[] = [
    ['with Content-Length', (body, path) => post(served.url + path, body, TEXT)],
    ['without Content-Length', (body, path) => postInPieces(served.url + path, body)],
  ];
  it.each(sends)('has a body limit of its own, %s', async (_how, send) => {
    const fits = await send(Buffer.alloc(OWN_LIMIT, 1), '/double');
    const tooLarge = await send(Buffer.alloc(OWN_LIMIT + 1, 1), '/double');
    const elsewhere = await send(Buffer.alloc(1001, 1), '/own/json-text');

    expect(json<{ values: number[] }>(fits).values).toHaveLength(OWN_LIMIT);
    expect(expectError(tooLarge, 'PAYLOAD_TOO_LARGE', 'typed').message).toContain('5000');
    expectError(elsewhere, 'PAYLOAD_TOO_LARGE', 'typed');
  });

  it('counts as predictions', async () => {
    const { text } = await ask(`${served.url}/metrics`);

    expect(text).toMatch(
      /^http_requests_total\{route="\/double",method="POST",status="200"\} [1-9]/m,
    );
    expect(text).toMatch(/^inference_errors_total\{model="fake",error_type="NOT_ACCEPTABLE"\} 1$/m);
  });
});

const TEXT = { 'content-type': 'text/plain' };

/** Sends a body whose length is not said. */
function postInPieces(url: string, body: Buffer): Promise<Answer> {
  const pieces = [body.subarray(0, 500), body.subarray(500)];
  return ask(url, {
    method: 'POST',
    body: ReadableStream.from(pieces),
    duplex: 'half',
    headers: TEXT,
  });
}
