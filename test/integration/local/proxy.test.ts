import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { openRouter, type TestRouter } from './open-router.ts';

/** Sends a request without a body, with any Host. */
async function get(local: TestRouter, options: RequestOptions): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: local.port, agent: false, ...options });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

async function json(answer: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(answer)) as unknown;
}

test.each([
  ['its path', '/fixture/who?a=1', 'localhost:8080', '/who?a=1'],
  ['its host name', '/who?a=1', 'fixture.localhost:8080', '/who?a=1'],
  ['its host name with the namespace', '/who', 'fixture.tests.localhost', '/who'],
])('a Service is reached by %s', async (_, path, host, seen) => {
  await using local = await openRouter();

  const answer = await get(local, { path, headers: { host } });

  expect(answer.statusCode).toBe(200);
  expect(await json(answer)).toMatchObject({ url: seen, headers: { host } });
});

test.each([
  ['path', '/nobody/predict', 'localhost'],
  ['host name', '/predict', 'nobody.localhost'],
  ['namespace', '/predict', 'fixture.elsewhere.localhost'],
  ['path at all', '/', 'localhost'],
])('an unknown %s is 404 with the Services that there are', async (_, path, host) => {
  await using local = await openRouter();

  const answer = await get(local, { path, headers: { host, 'x-request-id': 'mine' } });

  expect(answer.statusCode).toBe(404);
  expect(await json(answer)).toEqual({
    error: {
      code: 'NOT_FOUND',
      message: expect.stringContaining('Services: fixture') as unknown,
      request_id: 'mine',
    },
  });
  expect(local.scaler.status().state).toBe('zero');
});

test('the state is not shown under a foreign host name', async () => {
  await using local = await openRouter();

  expect((await get(local, { path: '/_local' })).statusCode).toBe(200);
  expect(
    (await get(local, { path: '/_local', headers: { host: 'evil.example' } })).statusCode,
  ).toBe(404);
});

test('the process learns who asked, and hop-by-hop headers stay behind', async () => {
  await using local = await openRouter();

  const answer = await get(local, {
    path: '/fixture/who',
    headers: {
      host: 'localhost:8080',
      'x-forwarded-for': '203.0.113.7',
      connection: 'close, x-hop',
      'x-hop': 'secret',
      'x-kept': 'yes',
    },
  });

  const { headers } = (await json(answer)) as { headers: Record<string, string> };
  expect(headers).toMatchObject({
    'x-kept': 'yes',
    'x-forwarded-for': '203.0.113.7, 127.0.0.1',
    'x-forwarded-host': 'localhost:8080',
    'x-forwarded-proto': 'http',
    forwarded: 'for=127.0.0.1;host="localhost:8080";proto=http',
  });
  expect(headers['x-hop']).toBeUndefined();
});

test('what a proxy before us says of its client stays, once', async () => {
  await using local = await openRouter();
  const given = {
    host: 'localhost:8080',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.org',
    forwarded: 'for=203.0.113.7;proto=https',
  };

  const answer = await get(local, { path: '/fixture/who', headers: given });

  expect(await json(answer)).toMatchObject({ headers: given });
});

test('the process learns of its route what Knative tells it, whatever the client says', async () => {
  await using local = await openRouter();
  const lies = {
    host: 'localhost:8080',
    'knative-serving-revision': 'other-00001',
    'knative-serving-namespace': 'other',
    'k-proxy-request': 'me',
    'knative-serving-default-route': 'false',
  };

  const answer = await get(local, { path: '/fixture/who', headers: lies });

  const { headers } = (await json(answer)) as { headers: Record<string, string> };
  expect(headers).toMatchObject({
    'knative-serving-default-route': 'true',
    'k-proxy-request': 'activator',
  });
  for (const name of ['revision', 'namespace', 'tag']) {
    expect(headers).not.toHaveProperty(`knative-serving-${name}`);
  }
});

test('bodies stream in both directions, with trailers', async () => {
  await using local = await openRouter();
  const sent = request(`${local.url}/echo`, { method: 'POST', headers: { trailer: 'x-sum' } });
  sent.write('first');

  // The first part comes back before the second is sent: nothing is kept on the way.
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const [first] = (await once(answer, 'data')) as [Buffer];
  expect(first.toString()).toBe('first');
  sent.addTrailers({ 'x-sum': '42' });
  sent.end('second');

  expect(await text(answer)).toBe('second');
  expect(answer.trailers['x-sum']).toBe('42');
});

test('a client that goes away is gone for the process too', async () => {
  await using local = await openRouter({ containerConcurrency: 1 });
  const sent = request(`${local.url}/hold?key=left`);
  sent.on('error', () => undefined);
  sent.end();
  await local.said('holding left');

  sent.destroy();

  await local.said('aborted left');
  expect((await fetch(`${local.url}/who`)).status).toBe(200);
  expect(local.scaler.status().requests).toEqual({ active: 0, held: 0 });
});

test('a client that goes away while it is held leaves the queue', async () => {
  await using local = await openRouter({ containerConcurrency: 1 });
  const first = fetch(`${local.url}/hold?key=first`);
  await local.said('holding first');
  const port = local.processPort();
  const impatient = new AbortController();
  const second = fetch(`${local.url}/who`, { signal: impatient.signal });
  await expect.poll(() => local.scaler.status().requests).toEqual({ active: 1, held: 1 });

  impatient.abort();

  await expect(second).rejects.toThrow('aborted');
  await expect.poll(() => local.scaler.status().requests).toEqual({ active: 1, held: 0 });
  await fetch(`http://127.0.0.1:${port}/release?key=first`);
  expect((await first).status).toBe(200);
});

test('containerConcurrency is the most that a process sees at once; the rest waits in order', async () => {
  await using local = await openRouter({ containerConcurrency: 2 });
  const answers = ['a', 'b', 'c'].map(async (key, index) => {
    await expect.poll(() => total(local)).toBe(index);
    return (await fetch(`${local.url}/hold?key=${key}`)).text();
  });
  await local.said('holding b');
  await expect.poll(() => local.scaler.status().requests).toEqual({ active: 2, held: 1 });
  expect(local.count('holding c')).toBe(0);

  const port = local.processPort();
  await fetch(`http://127.0.0.1:${port}/release?key=a`);
  await local.said('holding c');
  await fetch(`http://127.0.0.1:${port}/release?key=b`);
  await fetch(`http://127.0.0.1:${port}/release?key=c`);

  expect(await Promise.all(answers)).toEqual(['released a', 'released b', 'released c']);
});

test('an answer that comes before the body has been sent arrives, and the connection stays', async () => {
  await using local = await openRouter();
  const socket = connect(local.port, '127.0.0.1');
  const body = 'x'.repeat(300_000);
  socket.write(
    `POST /fixture/early HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}` +
      'GET /fixture/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
  );

  const answers = await text(socket);

  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
});

test('the head of an answer does not wait for its body', async () => {
  await using local = await openRouter();

  const answer = await get(local, { path: '/fixture/head' });

  expect(answer.statusCode).toBe(200);
  answer.destroy();
});

test('a process may refuse a body before it is sent', async () => {
  await using local = await openRouter();
  const sent = request(`${local.url}/early`, {
    method: 'POST',
    headers: { expect: '100-continue', 'content-length': 5 },
  });
  let continued = false;
  sent.on('continue', () => {
    continued = true;
  });
  sent.flushHeaders();

  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  sent.destroy();

  expect(answer.statusCode).toBe(413);
  expect(continued).toBe(false);
});

test('a body that the process asked for is sent', async () => {
  await using local = await openRouter();
  const sent = request(`${local.url}/echo`, {
    method: 'POST',
    headers: { expect: '100-continue', 'content-length': 5 },
  });
  sent.flushHeaders();

  await once(sent, 'continue');
  sent.end('hello');

  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(await text(answer)).toBe('hello');
});

test('what is not HTTP gets a JSON error and a closed connection', async () => {
  await using local = await openRouter();
  const socket = connect(local.port, '127.0.0.1');
  socket.write('nonsense\r\n\r\n');

  const answer = await text(socket);

  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain('"code":"INVALID_REQUEST"');
});

test('the time for a body is bounded by the function alone, whose answer says so', async () => {
  // Node's own bound of 300 s would answer in its place; a test cannot wait for that to not happen.
  const servers: Server[] = [];
  const remember = (message: unknown): void =>
    void servers.push((message as { server: Server }).server);
  subscribe('tracing:net.server.listen:asyncStart', remember);
  await using local = await openRouter();
  unsubscribe('tracing:net.server.listen:asyncStart', remember);

  const router = servers.find((server) => (server.address() as AddressInfo).port === local.port);
  expect(router).toMatchObject({ requestTimeout: 0, headersTimeout: 30_000 });
});

function total(local: TestRouter): number {
  const { active, held } = local.scaler.status().requests;
  return active + held;
}
