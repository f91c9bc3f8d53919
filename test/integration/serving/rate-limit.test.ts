import { expect, test } from 'vitest';

import { SETOSA, ask, expectError, json, post } from '../../support/http-client.ts';
import { startFunction } from '../../support/start-function.ts';

/** So slow that no token comes back while a test runs. */
const SLOW = '0.001';

async function limited(env: Record<string, string>) {
  const server = await startFunction({ env: { RATE_LIMIT_PER_SECOND: SLOW, ...env } });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop();
    },
  };
}

test('a client that has used up its share gets 429 with the time to wait, others go on', async () => {
  await using server = await limited({ RATE_LIMIT_BURST: '2', RATE_LIMIT_KEY: 'header:x-api-key' });
  const predict = (key: string) => post(`${server.url}/predict`, SETOSA, { 'X-Api-Key': key });

  expect((await predict('a')).status).toBe(200);
  expect((await predict('a')).status).toBe(200);
  const refused = await predict('a');
  expectError(refused, 'RATE_LIMITED', 'typed');
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(900);
  expect(seconds).toBeLessThanOrEqual(1000);
  expect((await predict('b')).status).toBe(200);
});

test('the address is the one before our own proxies, whatever a client writes', async () => {
  await using server = await limited({ RATE_LIMIT_BURST: '1' });
  const predict = (forwardedFor: string) =>
    post(`${server.url}/predict`, SETOSA, { 'X-Forwarded-For': forwardedFor });

  expect((await predict('203.0.113.1, 10.0.0.1')).status).toBe(200);
  expectError(await predict('203.0.113.1, 10.0.0.7'), 'RATE_LIMITED', 'typed');
  expectError(await predict('198.51.100.1, 203.0.113.1, 10.0.0.1'), 'RATE_LIMITED', 'typed');
  expect((await predict('203.0.113.2, 10.0.0.1')).status).toBe(200);
});

test('the protocol’s routes answer in the protocol’s form, probes and metrics are never refused', async () => {
  await using server = await limited({ RATE_LIMIT_BURST: '1' });
  await ask(`${server.url}/v2`);

  const refused = await ask(`${server.url}/v2`);
  expect([refused.status, json(refused)]).toEqual([
    429,
    expect.objectContaining({ error: expect.any(String), code: 'RATE_LIMITED' }),
  ]);
  for (const path of ['/healthz', '/ready', '/v2/health/ready', '/metrics']) {
    expect((await ask(server.url + path)).status).toBe(200);
  }
});
