import { afterAll, expect, it } from 'vitest';

import { SETOSA, expectError, fromRaw } from '../../support/http-client.ts';
import { openRaw, requestText } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const SETOSA_REQUEST = requestText('POST /predict', JSON_TYPE, JSON.stringify(SETOSA));
/** Head of a request with a longer body than follows. */
const announced = (bytes: number, path = '/predict'): string =>
  requestText(`POST ${path}`, { ...JSON_TYPE, 'Content-Length': String(bytes) });

const options = { vias: ['main', 'framework'], env: { REQUEST_TIMEOUT_MS: '300' } } as const;

onEveryServer('late request', options, (server) => {
  const open = (): ReturnType<typeof openRaw> => openRaw(server().port);

  afterAll(() => {
    expect(server().isRunning()).toBe(true);
    expect(server().logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('answers 408 to half a head and then silence', async () => {
    const connection = await open();
    await connection.send('POST /pred');

    expectError(fromRaw(await connection.answer()), 'REQUEST_TIMEOUT', 'typed');
    await connection.ended;
    connection.close();
  });

  it('answers 408 to half a body and then silence', async () => {
    const connection = await open();
    await connection.send(`${announced(100)}{"sepal`);

    expectError(fromRaw(await connection.answer()), 'REQUEST_TIMEOUT', 'typed');
    await server().logged('request', ({ code }) => code === 'REQUEST_TIMEOUT');
    await connection.ended;
    connection.close();
  });

  it('answers 408 in the form of the protocol to half a body for one of its routes', async () => {
    const connection = await open();
    await connection.send(`${announced(100, '/v2/models/iris/infer')}{"inputs`);

    expectError(fromRaw(await connection.answer()), 'REQUEST_TIMEOUT', 'protocol');
    connection.close();
  });

  it('answers 408 to a client that sends a byte now and then', async () => {
    const connection = await open();
    await connection.send(announced(1000));
    const drip = setInterval(() => void connection.send('{'), 20);

    const answer = await connection.answer();
    clearInterval(drip);
    connection.close();

    expectError(fromRaw(answer), 'REQUEST_TIMEOUT', 'typed');
  });

  it('closes a connection that never sent a byte without a word', async () => {
    const connection = await open();
    await connection.ended;

    await expect(connection.answer()).rejects.toThrow('The connection ended, after ""');
    connection.close();
  });

  it('does not take the time between requests for silence', async () => {
    const connection = await open();
    await connection.send(SETOSA_REQUEST);
    await connection.answer();
    const late = await open();
    await late.send('GET /in');
    // By now the idle connection is older than the time for a request.
    await late.answer();
    late.close();

    await connection.send(SETOSA_REQUEST);
    expect((await connection.answer()).status).toBe(200);
    connection.close();
  });
});
