import { expect, it } from 'vitest';

import { ask, expectError, fromRaw } from '../../support/http-client.ts';
import { openRaw, rawRequest, requestText } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const GET = 'GET, HEAD, OPTIONS';

/** Every route with the methods that it has. */
const ROUTES: readonly (readonly [string, string])[] = [
  ['/predict', 'POST, OPTIONS'],
  ['/infer', 'POST, OPTIONS'],
  ['/', 'GET, HEAD, POST, OPTIONS'],
  ['/info', GET],
  ['/openapi.json', GET],
  ['/healthz', GET],
  ['/health', GET],
  ['/ready', GET],
  ['/metrics', GET],
  ['/v2', GET],
  ['/v2/health/live', GET],
  ['/v2/health/ready', GET],
  ['/v2/models/iris', GET],
  ['/v2/models/iris/ready', GET],
  ['/v2/models/iris/infer', 'POST, OPTIONS'],
];

onEveryServer('methods', { vias: ['main', 'framework'] }, (server) => {
  it.each(ROUTES)('answers OPTIONS %s with what it has: %s', async (path, allow) => {
    const request = requestText(`OPTIONS ${path}`);

    const answer = fromRaw(await rawRequest(server().port, request, { toHead: true }));

    expect([answer.status, answer.headers.get('allow')]).toEqual([204, allow]);
    expect(answer.headers.get('content-length')).toBeNull();
    expect(answer.headers.get('content-type')).toBeNull();
    expect(answer.headers.get('x-request-id')).not.toBeNull();
    // Nobody has allowed other origins anything.
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([]);
  });

  it('answers OPTIONS of the server as a whole', async () => {
    const request = requestText('OPTIONS *');

    const answer = await rawRequest(server().port, request, { toHead: true });

    expect([answer.status, answer.headers['allow']]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
  });

  it('answers the next request of a connection after OPTIONS with a body', async () => {
    const connection = await openRaw(server().port);

    await connection.send(requestText('OPTIONS /predict', {}, 'a body'));
    await connection.send(requestText('GET /healthz'));
    const first = await connection.answer({ toHead: true });
    const second = await connection.answer();
    connection.close();

    expect([first.status, second.status, second.body]).toEqual([204, 200, '{"live":true}']);
  });

  it('refuses OPTIONS of a route that is not there', async () => {
    expectError(await ask(`${server().url}/nowhere`, { method: 'OPTIONS' }), 'NOT_FOUND', 'typed');
  });

  it.each(ROUTES.filter(([, allow]) => allow.includes('HEAD')))(
    'answers HEAD %s as GET, without the content',
    async (path) => {
      const [get, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => ask(server().url + path, { method })),
      );

      expect([head?.status, head?.text]).toEqual([get?.status, '']);
      expect(head?.headers.get('content-type')).toBe(get?.headers.get('content-type'));
      // The numbers of metrics grow between the two.
      if (path !== '/metrics') {
        expect(head?.headers.get('content-length')).toBe(get?.headers.get('content-length'));
      }
    },
  );

  it.each(['/predict', '/infer', '/v2/models/iris/infer'])(
    'refuses HEAD %s, and says what there is',
    async (path) => {
      const answer = await ask(server().url + path, { method: 'HEAD' });

      expect([answer.status, answer.text]).toEqual([405, '']);
      expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
    },
  );
});
