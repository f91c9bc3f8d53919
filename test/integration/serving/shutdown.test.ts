import { once } from 'node:events';
import { Agent, request as send } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { expect, it } from 'vitest';

import { SETOSA, ask, expectError, fromRaw, json, post } from '../../support/http-client.ts';
import { openRaw, rawRequest, requestText } from '../../support/raw-http.ts';
import type { RawConnection } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const BODY = JSON.stringify(SETOSA);
const SETOSA_REQUEST = requestText('POST /predict', JSON_TYPE, BODY);

/** A connection with a request on it that the server has begun to read, and that waits for its second half. */
async function openHalf(port: number): Promise<RawConnection> {
  const connection = await openRaw(port);
  const head = { ...JSON_TYPE, 'Content-Length': String(BODY.length), Expect: '100-continue' };
  await connection.send(requestText('POST /predict', head));
  expect((await connection.answer()).status).toBe(100);
  await connection.send(BODY.slice(0, 20));
  return connection;
}

/** The status of one prediction over a connection of `agent`, or the code of what went wrong. */
async function statusOf(agent: Agent, port: number): Promise<string> {
  const asked = send({ port, agent, method: 'POST', path: '/predict', headers: JSON_TYPE });
  asked.end(BODY);
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return String(response.statusCode);
  } catch (cause) {
    return String((cause as NodeJS.ErrnoException).code);
  }
}

// The bundle is `main`, and starts in half the time.
onEveryServer('shutdown', { vias: ['bundle', 'framework'], eachItsOwn: true }, (server) => {
  it('lets a request in flight finish, refuses new ones, then ends well', async () => {
    const inFlight = await openHalf(server().port);
    server().kill('SIGTERM');
    await server().logged('shutting down', ({ in_flight }) => in_flight === 1);

    const live = await ask(`${server().url}/healthz`);
    const ready = await ask(`${server().url}/ready`);
    const protocolReady = await ask(`${server().url}/v2/health/ready`);
    const refused = fromRaw(await rawRequest(server().port, SETOSA_REQUEST));
    const refusedV2 = await post(`${server().url}/v2/models/iris/infer`, {});
    await inFlight.send(BODY.slice(20));
    const answer = await inFlight.answer();
    const exit = await server().exited;

    expect(live.status).toBe(200);
    expect([ready.status, protocolReady.status]).toEqual([503, 503]);
    expect(json(ready)).toEqual({ ready: false });
    expectError(refused, 'SHUTTING_DOWN', 'typed');
    expectError(refusedV2, 'SHUTTING_DOWN', 'protocol');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.headers.get('connection')).toBe('close');
    expect(json(fromRaw(answer))).toMatchObject({ prediction: 'setosa' });
    expect(answer.headers['connection']).toBe('close');
    expect(exit).toEqual({ code: 0, signal: null });
    await server().logged('stopped', ({ finished }) => finished === true);
    expect(server().stderr()).toBe('');
  });

  it('answers 503 on a connection from before', async () => {
    const idle = await openRaw(server().port);
    await idle.send(SETOSA_REQUEST);
    await idle.answer();
    const inFlight = await openHalf(server().port);
    server().kill('SIGTERM');
    await server().logged('shutting down');

    await idle.send(SETOSA_REQUEST);
    const answer = fromRaw(await idle.answer());

    expectError(answer, 'SHUTTING_DOWN', 'typed');
    await idle.ended;
    inFlight.close();
    expect(await server().exited).toEqual({ code: 0, signal: null });
  });

  it('waits for no connection that owes nothing', async () => {
    const [idle, silent, half] = await Promise.all([
      openRaw(server().port),
      openRaw(server().port),
      openRaw(server().port),
    ]);
    await idle.send(SETOSA_REQUEST);
    await idle.answer();
    await half.send('POST /predict HTTP/1.1\r\nHost');

    const startedMs = performance.now();
    const exit = await server().stop();

    expect(exit).toEqual({ code: 0, signal: null });
    // Its grace is 25 s.
    expect(performance.now() - startedMs).toBeLessThan(5000);
    silent.close();
  });

  it('waits for no client that went away', async () => {
    const gone = await openHalf(server().port);
    gone.reset();
    await post(`${server().url}/predict`, SETOSA);

    expect(await server().stop()).toEqual({ code: 0, signal: null });
  });

  it('answers all that keep-alive clients send while it goes', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const codes = new Map<string, number>();
    const count = (code: string): void => void codes.set(code, (codes.get(code) ?? 0) + 1);
    const client = async (): Promise<void> => {
      for (;;) {
        const code = await statusOf(agent, server().port);
        count(code);
        // Told to go, or found nobody: a client would ask another server now.
        if (code !== '200') return;
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await server().logged('request');
    const exit = await server().stop();
    await Promise.all(clients);
    agent.destroy();

    expect(exit).toEqual({ code: 0, signal: null });
    expect([...codes.keys()].toSorted()).toEqual(['200', '503']);
    expect(codes.get('503')).toBe(20);
  });

  it('ends well at SIGINT too', async () => {
    const inFlight = await openHalf(server().port);
    server().kill('SIGINT');
    await server().logged('shutting down', ({ signal }) => signal === 'SIGINT');
    await inFlight.send(BODY.slice(20));

    expect((await inFlight.answer()).status).toBe(200);
    expect(await server().exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once when it is told twice', async () => {
    const inFlight = await openHalf(server().port);
    server().kill('SIGTERM');
    await server().logged('shutting down');
    server().kill('SIGTERM');

    expect((await server().exited).code).not.toBe(0);
    inFlight.close();
  });
});

const grace = { SHUTDOWN_GRACE_MS: '300' };

onEveryServer('grace', { vias: ['main', 'framework'], eachItsOwn: true, env: grace }, (server) => {
  it('ends badly when a request takes longer than SHUTDOWN_GRACE_MS', async () => {
    const inFlight = await openHalf(server().port);

    expect(await server().stop()).toEqual({ code: 1, signal: null });
    await inFlight.ended;
    await server().logged('stopped', ({ finished }) => finished === false);
  });
});

const impatient = { SHUTDOWN_GRACE_MS: '5000', REQUEST_TIMEOUT_MS: '200' };

onEveryServer(
  'shutdown after 408',
  { vias: ['main'], eachItsOwn: true, env: impatient },
  (server) => {
    it('waits for no client that was told 408 and keeps its side open', async () => {
      const late = await openHalf(server().port);
      expect((await late.answer()).status).toBe(408);
      await late.ended;

      expect(await server().stop()).toEqual({ code: 0, signal: null });
      late.close();
    });
  },
);

const limit = { MAX_HEADER_BYTES: '2048' };

onEveryServer('header limit', { vias: ['main', 'framework'], env: limit }, (server) => {
  it('is MAX_HEADER_BYTES', async () => {
    const request = (bytes: number): string =>
      requestText('GET /healthz', { 'X-Large': 'a'.repeat(bytes) });

    const small = await rawRequest(server().port, request(1900));
    const large = await rawRequest(server().port, request(2100));

    expect(small.status).toBe(200);
    expectError(fromRaw(large), 'HEADERS_TOO_LARGE', 'typed');
  });
});
