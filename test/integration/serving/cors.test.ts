import { afterEach, describe, expect, it } from 'vitest';

import { SETOSA_TENSOR, ask, expectError, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally } from '../../support/tally-model.ts';

const APP = 'https://app.example.com';
const BODY = { data: 'QQ==' };

let served: ServedDefinition | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

/** Serves with settings; the address. */
async function serve(env: Readonly<Record<string, string>>): Promise<string> {
  served = await serveDefinition(tally, fakeModel(), env);
  return served.url;
}

const preflight = (
  url: string,
  origin = APP,
  headers: Readonly<Record<string, string>> = { 'access-control-request-headers': 'content-type' },
): Promise<Answer> =>
  ask(url, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', ...headers },
  });

/** The CORS headers of an answer, and `Vary`. */
const corsOf = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  );

describe('CORS', () => {
  it('is off unless origins are named', async () => {
    const url = await serve({});

    expect(corsOf(await preflight(`${url}/predict`))).toEqual({});
    expect(corsOf(await post(`${url}/predict`, BODY, { origin: APP }))).toEqual({});
  });

  it('answers the preflight of a named origin', async () => {
    const url = await serve({ CORS_ORIGINS: `https://other.example.com, ${APP}` });

    const answer = await preflight(`${url}/predict`);

    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': expect.stringContaining('Content-Type, '),
      'access-control-max-age': '600',
      vary: 'origin',
    });
  });

  it('lets a page read the answer and what it needs of its headers', async () => {
    const url = await serve({ CORS_ORIGINS: APP });

    const answer = await post(`${url}/predict`, BODY, { origin: APP });

    expect(answer.status).toBe(200);
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': APP,
      'access-control-expose-headers':
        'X-Request-Id, Server-Timing, Retry-After, Inference-Header-Content-Length',
      vary: 'origin',
    });
  });

  it.each([
    [
      'an error',
      (url: string, headers: Record<string, string>) => post(`${url}/predict`, {}, headers),
    ],
    [
      'a route that is not there',
      (url: string, headers: Record<string, string>) => ask(`${url}/x`, { headers }),
    ],
    [
      'an error of the protocol',
      (url: string, headers: Record<string, string>) =>
        post(`${url}/v2/models/fake/infer`, { inputs: [SETOSA_TENSOR] }, headers),
    ],
    ['a probe', (url: string, headers: Record<string, string>) => ask(`${url}/ready`, { headers })],
    [
      'the schema',
      (url: string, headers: Record<string, string>) => ask(`${url}/openapi.json`, { headers }),
    ],
  ])('lets a page read %s', async (_what, send) => {
    const url = await serve({ CORS_ORIGINS: APP });

    const answer = await send(url, { origin: APP });

    expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
  });

  it.each([
    'https://app.example.com.evil.test',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'null',
    '*',
  ])('says nothing to the origin %s, and serves it as any caller', async (origin) => {
    const url = await serve({ CORS_ORIGINS: APP });

    expect(corsOf(await preflight(`${url}/predict`, origin))).toEqual({ vary: 'origin' });
    const answer = await post(`${url}/predict`, BODY, { origin });
    expect([answer.status, corsOf(answer)]).toEqual([200, { vary: 'origin' }]);
  });

  it('tells caches that answers differ also where there is no origin', async () => {
    const url = await serve({ CORS_ORIGINS: APP });

    expect(corsOf(await post(`${url}/predict`, BODY))).toEqual({ vary: 'origin' });
  });

  it('lets every origin in when told so, without credentials', async () => {
    const url = await serve({ CORS_ORIGINS: '*' });

    expect(corsOf(await post(`${url}/predict`, BODY, { origin: 'null' }))).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.any(String),
    });
  });

  it('lets a named origin send credentials when told so', async () => {
    const url = await serve({ CORS_ORIGINS: APP, CORS_CREDENTIALS: 'true' });

    for (const answer of [
      await preflight(`${url}/predict`),
      await post(`${url}/predict`, BODY, { origin: APP }),
    ]) {
      expect(corsOf(answer)).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-allow-credentials': 'true',
      });
    }
  });

  it('takes methods, headers, age and exposed headers from the settings', async () => {
    const url = await serve({
      CORS_ORIGINS: APP,
      CORS_METHODS: 'POST',
      CORS_HEADERS: 'content-type , x-mine',
      CORS_EXPOSED_HEADERS: 'x-request-id',
      CORS_MAX_AGE_SECONDS: '0',
    });

    expect(corsOf(await preflight(url))).toMatchObject({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-mine',
      'access-control-max-age': '0',
    });
    const answer = await post(`${url}/predict`, BODY, { origin: APP });
    expect(answer.headers.get('access-control-expose-headers')).toBe('x-request-id');
  });

  it('takes OPTIONS without a question for what it is', async () => {
    const url = await serve({ CORS_ORIGINS: APP });

    const answer = await ask(`${url}/predict`, { method: 'OPTIONS', headers: { origin: APP } });

    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect(answer.headers.get('access-control-allow-methods')).toBeNull();
  });

  it('answers a preflight while the server shuts down', async () => {
    const url = await serve({ CORS_ORIGINS: APP });
    served?.serving.lifecycle.enter('draining');

    expect((await preflight(`${url}/predict`)).status).toBe(204);
    const refused = await post(`${url}/predict`, BODY, { origin: APP });
    expectError(refused, 'SHUTTING_DOWN', 'typed');
    expect(refused.headers.get('access-control-allow-origin')).toBe(APP);
  });
});
