import { expect, onTestFinished, test } from 'vitest';

import { createRouter } from '../../../knative/local/router/create-router.ts';
import { expectError, fromRaw, json } from '../../support/http-client.ts';
import { openRaw, rawRequest } from '../../support/raw-http.ts';
import { openRouter } from './open-router.ts';

/** The port of a router without Services, with little patience. */
async function openBare(): Promise<number> {
  const router = await createRouter({
    port: 0,
    services: new Map(),
    status: () => ({}),
    headTimeoutMs: 300,
  });
  onTestFinished(async () => {
    router.kill();
    await router.drain();
  });
  return router.port;
}

test.each([
  ['words', 'hello there\r\n\r\n', 'INVALID_REQUEST'],
  ['a header flood', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}`, 'HEADERS_TOO_LARGE'],
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 'METHOD_NOT_ALLOWED'],
  ['an unknown path without a Host', 'GET / HTTP/1.1\r\n\r\n', 'NOT_FOUND'],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: foo\r\n\r\n', 'NOT_FOUND'],
] as const)('%s gets an error of the table', async (_, bytes, code) => {
  expectError(fromRaw(await rawRequest(await openBare(), bytes)), code, 'typed');
});

test('half a head and then silence is 408', async () => {
  const connection = await openRaw(await openBare());
  await connection.send('GET /fix');

  expectError(fromRaw(await connection.answer()), 'REQUEST_TIMEOUT', 'typed');
  await connection.ended;
  connection.close();
});

test('a connection that never sends a byte is closed without a word', async () => {
  const connection = await openRaw(await openBare());
  await connection.ended;

  await expect(connection.answer()).rejects.toThrow('The connection ended, after ""');
  connection.close();
});

test.each([
  ['the whole URL', 'GET http://fixture.localhost/who?a=1 HTTP/1.1\r\nHost: other\r\n\r\n'],
  ['HTTP/1.0 without a Host', 'GET /fixture/who?a=1 HTTP/1.0\r\n\r\n'],
])('a Service is reached by %s', async (_, bytes) => {
  await using local = await openRouter();

  const answer = fromRaw(await rawRequest(local.port, bytes));

  expect(answer.status).toBe(200);
  expect(json(answer)).toMatchObject({ url: '/who?a=1' });
});
