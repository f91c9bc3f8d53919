import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import { collect } from './fixture.ts';

const SETTINGS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

/** A server that answers each request's first bytes with `reply`; undefined: with silence. */
async function startRawServer(
  reply: string | undefined,
): Promise<{ endpoint: string; requests: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const running = {
    endpoint: '',
    requests: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      running.requests++;
      if (reply !== undefined) socket.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return running;
}

const page = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const LIMITS = { idleTimeoutMs: 150, maxAttempts: 1 };

describe('a store that hangs', () => {
  it.each([
    ['says nothing at all', undefined],
    ['stops in the middle of its headers', 'HTTP/1.1 200 OK\r\nContent-'],
  ])('is given up when it %s', async (_, reply) => {
    await using server = await startRawServer(reply);
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', LIMITS);

    await expect(store.head('key')).rejects.toMatchObject({
      code: 'TimeoutError',
      status: undefined,
      transient: true,
    });
    store.close();
  });

  it('is given up in the middle of a body', async () => {
    await using server = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', LIMITS);

    const { body } = await store.get('key');

    await expect(collect(body)).rejects.toMatchObject({ code: 'TimeoutError', transient: true });
    store.close();
  });

  it('is given up in the middle of a listing', async () => {
    await using server = await startRawServer(
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<List',
    );
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', LIMITS);

    await expect(collect(store.list({ prefix: '' }))).rejects.toMatchObject({ transient: true });
    store.close();
  });

  it('is tried again as often as allowed', async () => {
    await using server = await startRawServer(undefined);
    const limits = { ...LIMITS, maxAttempts: 2 };
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', limits);

    await expect(store.head('key')).rejects.toMatchObject({ code: 'TimeoutError' });

    expect(server.requests).toBe(2);
    store.close();
  });
});

it('a reader who pauses for longer than the idle time still gets every byte', async () => {
  const s3 = await startLocalS3();
  await createBucket(s3.settings, 'slow-reader');
  const store = openObjectStore(s3.settings, 'slow-reader', { idleTimeoutMs: 100 });
  const bytes = Buffer.alloc(16 * 1024 * 1024, 'x');
  await store.put('key', bytes);

  const { body } = await store.get('key');
  // Time itself is what is tested: three idle times pass without a read.
  await delay(350);
  const received = Buffer.concat((await collect(body)) as Buffer[]);

  expect(received.equals(bytes)).toBe(true);
  store.close();
  await s3.stop();
});

describe('an answer', () => {
  it.each([
    {
      what: 'a proxy’s 503 page',
      reply: page('503 Busy', '<html>busy'),
      status: 503,
      transient: true,
    },
    { what: '429', reply: page('429 Slow', ''), status: 429, transient: true },
    { what: '500 without a body', reply: page('500 Oops', ''), status: 500, transient: true },
    {
      what: 'a proxy’s 403 page',
      reply: page('403 No', '<html>no'),
      status: 403,
      transient: false,
    },
    { what: '400 without a body', reply: page('400 Bad', ''), status: 400, transient: false },
    {
      what: '409 ConditionalRequestConflict',
      reply: page('409 Conflict', '<Error><Code>ConditionalRequestConflict</Code></Error>'),
      status: 409,
      transient: true,
    },
    {
      what: '409 of another kind',
      reply: page('409 Conflict', '<Error><Code>InvalidBucketState</Code></Error>'),
      status: 409,
      transient: false,
    },
    {
      what: '400 RequestTimeout',
      reply: page('400 Bad', '<Error><Code>RequestTimeout</Code></Error>'),
      status: 400,
      transient: true,
    },
    { what: 'no HTTP', reply: 'SSH-2.0-OpenSSH\r\n', status: undefined, transient: true },
  ])('of $what is transient: $transient', async ({ reply, status, transient }) => {
    await using server = await startRawServer(reply);
    const limits = { maxAttempts: 1 };
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', limits);

    await expect(store.put('key', 'x')).rejects.toMatchObject({
      name: 'ObjectStoreError',
      status,
      transient,
    });
    store.close();
  });

  it('with the whole object to a range request is refused', async () => {
    await using server = await startRawServer(page('200 OK', 'everything'));
    const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket');

    await expect(store.get('key', { range: { start: 5 } })).rejects.toMatchObject({
      code: 'RangeIgnored',
      transient: false,
    });
    store.close();
  });
});

it('a store that nobody listens for is worth another try', async () => {
  const server = await startRawServer(undefined);
  await server[Symbol.asyncDispose]();
  const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', LIMITS);

  await expect(store.head('key')).rejects.toMatchObject({ code: 'ECONNREFUSED', transient: true });
  store.close();
});

it('metadata that no header can hold is a mistake, not worth another try', async () => {
  await using server = await startRawServer(undefined);
  const store = openObjectStore({ ...SETTINGS, S3_ENDPOINT: server.endpoint }, 'bucket', LIMITS);

  const writing = store.put('key', 'x', { user: { name: 'line\nbreak' } });

  await expect(writing).rejects.toMatchObject({ name: 'ObjectStoreError', transient: false });
  store.close();
});
