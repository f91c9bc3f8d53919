import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { receive } from '../../../events/receive.ts';
import { EVENT_TYPES, MAX_EVENT_BYTES } from '../../../events/types.ts';
import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { SETOSA, SETOSA_TENSOR, VIRGINICA, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally } from '../../support/tally-model.ts';
import { onEveryServer } from './on-every-server.ts';

const REQUEST = {
  'ce-specversion': '1.0',
  'ce-id': 'order-7',
  'ce-source': '/shop',
  'ce-type': EVENT_TYPES.inferenceRequest,
};
const PREDICT = { ...REQUEST, 'ce-format': 'predict' };
const REPLY_ID = createHash('sha256').update('["/shop","order-7"]').digest('hex').slice(0, 32);
const envelope = { specversion: '1.0', source: '/shop', type: EVENT_TYPES.inferenceRequest };

/** The one event of an answer. */
function replyOf({ status, headers, text }: Answer) {
  expect(status).toBe(200);
  const { events } = receive(
    { headers: Object.fromEntries(headers), body: Buffer.from(text) },
    { batched: false },
  );
  return events[0]!.event;
}

onEveryServer('events', { vias: ['main', 'bundle'] }, (server) => {
  const send = (body: unknown, headers: Record<string, string> = PREDICT): Promise<Answer> =>
    post(`${server().url}/`, body, headers);
  const sendBatch = (events: unknown): Promise<Answer> =>
    post(`${server().url}/`, events, { 'content-type': 'application/cloudevents-batch+json' });

  it('answers a request as POST /predict takes it', async () => {
    const answer = await send(SETOSA, {
      ...PREDICT,
      'ce-model': 'iris',
      'ce-subject': 'f%20%C3%A9',
    });

    expect(replyOf(answer)).toMatchObject({
      id: REPLY_ID,
      source: '/models/iris',
      type: EVENT_TYPES.inferenceResponse,
      subject: 'f é',
      correlationid: 'order-7',
      causationid: 'order-7',
      model: 'iris',
      format: 'predict',
      datacontenttype: 'application/json',
      data: { prediction: 'setosa', model_name: 'iris', model_version: '1', batch_size: 1 },
    });
  });

  it('answers a request of the Open Inference Protocol', async () => {
    const answer = await send(
      { id: 'mine', inputs: [SETOSA_TENSOR] },
      { ...REQUEST, 'ce-correlationid': 'c' },
    );

    const reply = replyOf(answer);
    expect(reply).toMatchObject({ id: REPLY_ID, correlationid: 'c', causationid: 'order-7' });
    expect(reply).not.toHaveProperty('format');
    expect(reply.data).toMatchObject({
      model_name: 'iris',
      id: 'mine',
      outputs: [{ name: 'label' }, {}],
    });
  });

  it('answers in binary mode what came in structured mode', async () => {
    const event = { ...envelope, id: 'order-7', format: 'predict', data: SETOSA };

    const answer = await send(event, { 'content-type': 'application/cloudevents+json' });

    expect(answer.headers.get('ce-id')).toBe(REPLY_ID);
    expect(replyOf(answer).data).toMatchObject({ prediction: 'setosa' });
  });

  it('answers a batch event by event, in its order', async () => {
    const answer = await sendBatch([
      { ...envelope, id: 'a', format: 'predict', data: VIRGINICA },
      { ...envelope, id: 'b', format: 'predict', data: { ...SETOSA, petal_width: 'wide' } },
      { ...envelope, id: 'late', expirytime: '2020-01-01T00:00:00Z', data: {} },
      { ...envelope, id: 'c', model: 'other', data: {} },
      { ...envelope, id: 'd', data: { inputs: [SETOSA_TENSOR] } },
    ]);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/cloudevents-batch+json');
    const { events } = receive(
      { headers: Object.fromEntries(answer.headers), body: Buffer.from(answer.text) },
      { batched: true },
    );
    expect(events.map(({ event }) => event['causationid'])).toEqual(['a', 'b', 'c', 'd']);
    expect(events.map(({ event }) => event.data)).toMatchObject([
      { prediction: 'virginica' },
      { error: { code: 'INVALID_REQUEST', details: [{ path: 'petal_width' }] } },
      { error: { code: 'MODEL_NOT_FOUND' } },
      { outputs: [{}, {}] },
    ]);
    expect(events.map(({ event }) => event['errorcode'])).toEqual([
      undefined,
      'INVALID_REQUEST',
      'MODEL_NOT_FOUND',
      undefined,
    ]);
  });

  it('answers an empty batch with one', async () => {
    const answer = await sendBatch([]);

    expect([answer.status, answer.text]).toEqual([200, '[]']);
  });

  it('does nothing for a request that has expired: no content, no reply', async () => {
    const answer = await send(SETOSA, { ...PREDICT, 'ce-expirytime': '2020-01-01T00:00:00Z' });

    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('ce-id')).toBeNull();
  });

  it('predicts as POST /predict does', async () => {
    const direct = json(await post(`${server().url}/predict`, VIRGINICA));

    const { request_id: _id, processing_time_ms: _ms, ...expected } = direct;
    expect(replyOf(await send(VIRGINICA)).data).toMatchObject(expected);
  });

  it.each<[string, unknown, Record<string, string>, ErrorCode]>([
    ['no event', SETOSA, {}, 'INVALID_REQUEST'],
    ['an event without an id', SETOSA, { ...PREDICT, 'ce-id': '' }, 'INVALID_REQUEST'],
    [
      'another type',
      SETOSA,
      { ...PREDICT, 'ce-type': EVENT_TYPES.inferenceResponse },
      'INVALID_REQUEST',
    ],
    [
      'another model, which as 404 would be tried again',
      SETOSA,
      { ...PREDICT, 'ce-model': 'text' },
      'MODEL_NOT_FOUND',
    ],
    ['another format', SETOSA, { ...PREDICT, 'ce-format': 'xml' }, 'INVALID_REQUEST'],
    ['data that are not valid', {}, PREDICT, 'INVALID_REQUEST'],
    ['no data', '', PREDICT, 'INVALID_REQUEST'],
    ['broken data', '{', PREDICT, 'INVALID_REQUEST'],
    [
      'data of another type',
      'a,b',
      { ...PREDICT, 'content-type': 'text/csv' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'binary outputs',
      { inputs: [SETOSA_TENSOR], parameters: { binary_data_output: true } },
      REQUEST,
      'INVALID_REQUEST',
    ],
    [
      'another version in the data',
      { model_version: '9', inputs: [SETOSA_TENSOR] },
      REQUEST,
      'MODEL_NOT_FOUND',
    ],
    ['a body above the limit', Buffer.alloc(10_485_761), PREDICT, 'PAYLOAD_TOO_LARGE'],
    [
      'a place for the answer that is not below out/',
      SETOSA,
      { ...PREDICT, 'ce-outputkey': 'in/iris/x' },
      'INVALID_REQUEST',
    ],
    [
      'a place outside of the bucket',
      SETOSA,
      { ...PREDICT, 'ce-outputkey': 'out/../jobs/x' },
      'INVALID_REQUEST',
    ],
    [
      'an address as a place',
      SETOSA,
      { ...PREDICT, 'ce-outputkey': 'https://example.com/x' },
      'INVALID_REQUEST',
    ],
    [
      'a place where there is no bucket',
      SETOSA,
      { ...PREDICT, 'ce-outputkey': 'out/x' },
      'INVALID_REQUEST',
    ],
  ])('refuses %s with 400', async (_what, body, headers, code) => {
    const answer = await send(body, headers);

    expect(answer.status).toBe(400);
    expect(json<{ error: { code: string } }>(answer).error.code).toBe(code);
    expect(answer.headers.get('ce-id')).toBeNull();
  });

  it('refuses deep and broken envelopes with 400', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify({ ...envelope, id: '1', format: 'predict', data: 0 }).replace(
      '0}',
      `${deep}}`,
    );

    const answer = await send(text, { 'content-type': 'application/cloudevents+json' });

    expect(answer.status).toBe(400);
  });

  it('counts events among the predictions', async () => {
    await send(SETOSA);
    await send({});

    const text = await (await fetch(`${server().url}/metrics`)).text();
    expect(text).toMatch(/^http_requests_total\{.*route="\/".*status="200".*\} \d+$/m);
    expect(text).toMatch(/^inference_errors_total\{.*error_type="INVALID_REQUEST".*\} \d+$/m);
  });
});

describe('events of a model with other forms than JSON', () => {
  let served: ServedDefinition;
  let s3: TestS3;
  const store = () => openObjectStore({ ...s3.settings, AWS_SESSION_TOKEN: undefined }, 'data-dev');
  const send = (body: unknown, headers: Record<string, string>, query = ''): Promise<Answer> =>
    post(`${served.url}/${query}`, body, { ...PREDICT, ...headers });
  /** So many bytes of notes in the answer. */
  const notes = (bytes: number) => ({ data: 'AQID', notes: ['x'.repeat(bytes)] });

  beforeAll(async () => {
    s3 = await startLocalS3();
    await createBucket({ ...s3.settings, AWS_SESSION_TOKEN: undefined }, 'data-dev');
    served = await serveDefinition(tally, fakeModel(), { ...s3.settings, DATA_BUCKET: 'data-dev' });
  });
  afterAll(async () => {
    await served.close();
    await s3.stop();
  });

  it('come as bytes, with options in the query', async () => {
    const answer = await send(
      Buffer.from([1, 2, 250]),
      { 'content-type': 'image/png' },
      '?factor=10',
    );

    expect(replyOf(answer).data).toMatchObject({ total: 5060, notes: ['image/png'] });
  });

  it('come as base64 in structured mode', async () => {
    const event = {
      ...envelope,
      id: '1',
      format: 'predict',
      datacontenttype: 'image/png',
      data_base64: 'AQL6',
    };

    const answer = await post(`${served.url}/`, event, {
      'content-type': 'application/cloudevents+json',
    });

    expect(replyOf(answer).data).toMatchObject({ total: 506 });
  });

  it('that would have a larger reply than brokers carry are refused, to the byte', async () => {
    const small = await send(notes(1000), {});
    const reply = receive(
      { headers: Object.fromEntries(small.headers), body: Buffer.from(small.text) },
      { batched: false },
    );
    expect(reply.events[0]!.event.data).toMatchObject({ length: 3 });

    expect((await send(notes(MAX_EVENT_BYTES - 1500), {})).status).toBe(200);
    const refused = await send(notes(MAX_EVENT_BYTES), {});
    expect(refused.status).toBe(400);
    expect(json<{ error: { code: string } }>(refused).error.code).toBe('RESPONSE_TOO_LARGE');
  });

  it('have their answer put where they say, once', async () => {
    const headers = { 'ce-outputkey': 'out/tally/a%20%C3%A9.json' };

    const first = replyOf(await send(notes(100_000), headers));
    const again = replyOf(await send(notes(100_000), headers));
    const other = await send(notes(100_000), { ...headers, 'ce-id': 'order-8' });

    expect(first).toMatchObject({
      dataref: 's3://data-dev/out/tally/a%20%C3%A9.json',
      id: again.id,
    });
    expect(first).not.toHaveProperty('data');
    expect(again['dataref']).toBe(first['dataref']);
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('another object')]);
    const { bytes } = await store().getBytes('out/tally/a é.json', { maxBytes: 200_000 });
    expect(JSON.parse(bytes.toString())).toMatchObject({ length: 3, notes: ['x'.repeat(100_000)] });
  });

  it.each([
    'in/tally/x',
    'out',
    'out/',
    'out/../jobs/x',
    'out/./x',
    'out//x',
    'out/x/',
    '/out/x',
    'OUT/x',
    `out/${'x'.repeat(500)}`,
  ])('cannot have it put at %s', async (key) => {
    const answer = await send(notes(10), { 'ce-outputkey': key });

    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('below out/')]);
  });

  it('have it in the reply too, where it fits', async () => {
    const reply = replyOf(await send(notes(10), { 'ce-outputkey': 'out/small' }));

    expect(reply).toMatchObject({ dataref: 's3://data-dev/out/small', data: { length: 3 } });
  });
});
