import { afterEach, describe, expect, it } from 'vitest';

import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import { SETOSA, ask, expectError, fromRaw, json, post } from '../../support/http-client.ts';
import { openRaw, rawRequest, requestText } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const BODY = JSON.stringify(SETOSA);
const SETOSA_REQUEST = requestText('POST /predict', JSON_TYPE, BODY);
const LIMIT = 10_485_760;
/** Head of a request with a longer body than follows. */
const announced = (bytes: number, path = '/predict'): string =>
  requestText(`POST ${path}`, { ...JSON_TYPE, 'Content-Length': String(bytes) });

const NOT_HTTP: readonly (readonly [string, string])[] = [
  ['words', 'hello there\r\n\r\n'],
  ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an unknown method', 'PREDICT /predict HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a header without a colon', 'GET /info HTTP/1.1\r\nHost a\r\n\r\n'],
  ['a control character in a header', 'GET /info HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n'],
  ['a path with a blank', 'GET /in fo HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a negative length', announced(-1)],
  ['a length in words', requestText('POST /predict', { ...JSON_TYPE, 'Content-Length': 'ten' })],
  ['a length beyond counting', announced(1e21).replace('1e+21', '9'.repeat(30))],
  [
    'two lengths',
    requestText('POST /predict', { 'Content-Length': '2\r\nContent-Length: 3' }, '{}'),
  ],
  [
    'a length and chunks',
    requestText('POST /predict', { 'Transfer-Encoding': 'chunked', 'Content-Length': '2' }),
  ],
  ['an unknown transfer coding', requestText('POST /predict', { 'Transfer-Encoding': 'gzip' })],
  [
    'a chunk of no size',
    `${requestText('POST /predict', { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' })}zz\r\n`,
  ],
];

/** Bytes with their line ends, the code, and `Allow`. */
const REQUESTS: readonly (readonly [string, string, ErrorCode, string | null])[] = [
  ['no Host', 'GET /info HTTP/1.1\r\n\r\n', 'INVALID_REQUEST', null],
  ['two Hosts', 'GET /info HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 'INVALID_REQUEST', null],
  [
    'the same Host twice',
    'GET /info HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
    'INVALID_REQUEST',
    null,
  ],
  [
    'two Hosts of a probe',
    'GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n',
    'INVALID_REQUEST',
    null,
  ],
  ['an unknown route', requestText('GET /nowhere'), 'NOT_FOUND', null],
  [
    'an unknown route with a body',
    requestText('POST /nowhere', JSON_TYPE, BODY),
    'NOT_FOUND',
    null,
  ],
  ['a path upwards', requestText('GET /../../etc/passwd'), 'NOT_FOUND', null],
  [
    'a route with a slash behind it',
    requestText('POST /predict/', JSON_TYPE, BODY),
    'NOT_FOUND',
    null,
  ],
  ['what browsers ask for', requestText('GET /favicon.ico'), 'NOT_FOUND', null],
  ['what crawlers ask for', requestText('GET /robots.txt'), 'NOT_FOUND', null],
  ['broken percent-encoding', requestText('GET /%zz'), 'NOT_FOUND', null],
  ['GET of a POST route', requestText('GET /predict'), 'METHOD_NOT_ALLOWED', 'POST, OPTIONS'],
  ['PUT', requestText('PUT /predict', JSON_TYPE, BODY), 'METHOD_NOT_ALLOWED', 'POST, OPTIONS'],
  ['DELETE', requestText('DELETE /predict'), 'METHOD_NOT_ALLOWED', 'POST, OPTIONS'],
  [
    'POST of a GET route',
    requestText('POST /info', JSON_TYPE, BODY),
    'METHOD_NOT_ALLOWED',
    'GET, HEAD, OPTIONS',
  ],
  [
    'POST of a probe',
    requestText('POST /healthz', JSON_TYPE, BODY),
    'METHOD_NOT_ALLOWED',
    'GET, HEAD, OPTIONS',
  ],
  [
    'POST of the metrics',
    requestText('POST /metrics', {}, BODY),
    'METHOD_NOT_ALLOWED',
    'GET, HEAD, OPTIONS',
  ],
  ['PUT of the root', requestText('PUT /'), 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST, OPTIONS'],
  [
    'a tunnel',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'METHOD_NOT_ALLOWED',
    'GET, HEAD, POST, OPTIONS',
  ],
];

onEveryServer('bad transport', { vias: ['main', 'framework'] }, (server) => {
  const open = (): ReturnType<typeof openRaw> => openRaw(server().port);

  afterEach(async () => {
    expect(server().isRunning()).toBe(true);
    const next = await post(`${server().url}/predict`, SETOSA);
    expect(json(next)).toMatchObject({ prediction: 'setosa' });
  });

  it.each(NOT_HTTP)('answers 400 to %s, and closes', async (_what, bytes) => {
    const connection = await open();
    await connection.send(bytes);

    const answer = fromRaw(await connection.answer());

    expectError(answer, 'INVALID_REQUEST', 'typed');
    expect(answer.headers.get('connection')).toBe('close');
    await connection.ended;
    connection.close();
  });

  it('answers a whole request before the garbage behind it', async () => {
    const connection = await open();
    await connection.send(`${SETOSA_REQUEST}hello there\r\n\r\n`);

    const answer = fromRaw(await connection.answer());
    const refused = fromRaw(await connection.answer());

    expect(json(answer)).toMatchObject({ prediction: 'setosa' });
    expectError(refused, 'INVALID_REQUEST', 'typed');
    expect(refused.headers.get('x-request-id')).not.toBe(answer.headers.get('x-request-id'));
    await connection.ended;
    connection.close();
  });

  it.each(REQUESTS)('refuses %s', async (_what, bytes, code, allow) => {
    const answer = fromRaw(await rawRequest(server().port, bytes));

    expectError(answer, code, 'typed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('takes a query that it does not know, however broken', async () => {
    const path = '/predict?x=%ZZ&__proto__[x]=1&a[b][c]=d&&=';

    const answer = await rawRequest(server().port, requestText(`POST ${path}`, JSON_TYPE, BODY));

    expect(answer.status).toBe(200);
  });

  it('takes an upgrade that it does not know for an ordinary request', async () => {
    const upgrade = { ...JSON_TYPE, Connection: 'Upgrade', Upgrade: 'websocket' };

    const answer = await rawRequest(server().port, requestText('POST /predict', upgrade, BODY));

    expect(answer.status).toBe(200);
  });

  it.each([
    ['one large header', { 'X-Large': 'a'.repeat(20_000) }],
    ['a megabyte of headers', { 'X-Large': 'a'.repeat(1_000_000) }],
    [
      'very many headers',
      Object.fromEntries(Array.from({ length: 5000 }, (_v, n) => [`X-${n}`, '1'])),
    ],
  ])('answers 431 to %s, and the client gets to read it', async (_what, headers) => {
    // More than once: whether an answer survives a close is a race.
    for (let time = 0; time < 20; time += 1) {
      const answer = await rawRequest(server().port, requestText('GET /info', headers));
      expectError(fromRaw(answer), 'HEADERS_TOO_LARGE', 'typed');
    }
  });

  it('answers 431 to a path that is too long', async () => {
    const answer = await rawRequest(server().port, requestText(`GET /${'a'.repeat(20_000)}`));

    expectError(fromRaw(answer), 'HEADERS_TOO_LARGE', 'typed');
  });

  describe('a body that is too large', () => {
    it('is answered in a way that a client can read who sends it all first', async () => {
      const connection = await open();
      await connection.send(announced(2 * LIMIT));
      await connection.send(Buffer.alloc(2 * LIMIT, ' '));

      expectError(fromRaw(await connection.answer()), 'PAYLOAD_TOO_LARGE', 'typed');

      // And the connection is as good as before.
      await connection.send(SETOSA_REQUEST);
      expect((await connection.answer()).status).toBe(200);
      connection.close();
    });

    it('is refused before it is sent', async () => {
      const answer = await rawRequest(server().port, announced(LIMIT + 1));

      expectError(fromRaw(answer), 'PAYLOAD_TOO_LARGE', 'typed');
    });

    it('is not read for ever', async () => {
      const connection = await open();
      const head = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
      await connection.send(requestText('POST /predict', head));
      const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
      const sentBytes = await connection.sendUntilReset(chunk, 20 * LIMIT);
      connection.close();

      expect(sentBytes).toBeLessThan(20 * LIMIT);
    });
  });

  describe('a client that goes away', () => {
    it.each([
      ['in the middle of the head', 'POST /predict HTTP/1.1\r\nHo'],
      ['in the middle of the body', `${announced(100)}{"sepal`],
      ['while it waits for its answer', SETOSA_REQUEST],
      ['after a request and a half', `${SETOSA_REQUEST}POST /pred`],
      ['after it asked for a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ])('%s harms nobody', async (_when, bytes) => {
      for (let time = 0; time < 10; time += 1) {
        const connection = await open();
        await connection.send(bytes);
        connection.reset();
      }

      expect((await ask(`${server().url}/ready`)).status).toBe(200);
    });
  });

  it('answers the good request before a bad one on the same connection', async () => {
    const connection = await open();
    await connection.send(SETOSA_REQUEST);
    expect((await connection.answer()).status).toBe(200);
    await connection.send('garbage\r\n\r\n');

    expectError(fromRaw(await connection.answer()), 'INVALID_REQUEST', 'typed');
    await connection.ended;
    connection.close();
  });

  // Found by the fuzzer: the answers to the requests before were lost.
  it.each([
    ['that is answered before its body is there', 'POST /nowhere', 404],
    ['whose body is waited for', 'POST /predict', 400],
  ])('answers good requests before one with a bad chunk %s', async (_what, head, status) => {
    const connection = await openRaw(server().port);
    const chunked = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
    const bad = `${requestText(head, chunked)}zz\r\n`;

    await connection.send(requestText('GET /healthz').repeat(3) + bad);
    const statuses: number[] = [];
    for (let place = 0; place < 4; place += 1) statuses.push((await connection.answer()).status);
    await connection.ended;

    expect(statuses).toEqual([200, 200, 200, status]);
  });

  it('wrote an access line for what it refused, and no payload', async () => {
    await ask(`${server().url}/info`);
    const codes = server().logs.map(({ code }) => code);

    for (const code of ['METHOD_NOT_ALLOWED', 'PAYLOAD_TOO_LARGE', 'NOT_FOUND']) {
      expect(codes).toContain(code);
    }
    expect(JSON.stringify(server().logs)).not.toContain('sepal');
    expect(server().logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
