import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type {
  GetOptions,
  LentBody,
  ObjectReader,
} from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectReader } from '../../../functions/runtime/object-store/s3-object-reader.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { minioBinary, startMinio } from '../../support/minio.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';

const KEY = "folder with spaces/ünï +%(1)*!'&=🚀.onnx";

function readerOf(settings: TestS3['settings'], bucket: string): Required<ObjectReader> {
  return openObjectReader(
    {
      endpoint: settings.S3_ENDPOINT,
      region: settings.AWS_REGION,
      accessKeyId: settings.AWS_ACCESS_KEY_ID,
      secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
    },
    bucket,
  );
}

/** All bytes of a download, copied piece by piece. */
async function taken(body: LentBody): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await body.lend((piece) => pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

/** The same reader, whose `get` is its `download`. */
function downloading(reader: Required<ObjectReader>): Pick<ObjectReader, 'get' | 'close'> {
  return {
    async get(key, options) {
      const { meta, body } = await reader.download(key, options);
      const bytes = new PassThrough();
      void taken(body).then(
        (all) => bytes.end(all),
        (cause: Error) => bytes.destroy(cause),
      );
      return { meta, body: bytes };
    },
    close: () => reader.close(),
  };
}

/** Everything that a caller can see of a read. */
async function outcome(
  reader: Pick<ObjectReader, 'get'>,
  key: string,
  options?: GetOptions,
): Promise<unknown> {
  try {
    const { meta, body } = await reader.get(key, options);
    // The clock may have moved on between the two answers.
    const { servedAt, ...state } = meta;
    return { state, hasTime: servedAt.getTime() > 0, bytes: (await buffer(body)).toString() };
  } catch (cause) {
    const { name, status, code, transient, message } = cause as ObjectStoreError;
    // The store numbers its requests, and the SDK has words of its own for an answer without any.
    return { name, status, code, transient, says: message.slice(0, message.indexOf(': ')) };
  }
}

describe.each([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: minioBinary() !== undefined },
])('the reader on $target', ({ start, isThere }) => {
  describe.runIf(isThere)('answers as the SDK does', () => {
    let fixture: Fixture;
    let etag: string;
    beforeAll(async () => {
      fixture = await startFixture(start);
      const user = { team: 'birds' };
      ({ etag } = await fixture.store.put(KEY, '0123456789', { contentType: 'text/x', user }));
      await fixture.store.put('empty', '');
    });
    afterAll(() => fixture.stop());

    it.each<[what: string, key: string, options: () => GetOptions, code: string | undefined]>([
      ['a whole object', KEY, () => ({}), undefined],
      ['an empty object', 'empty', () => ({}), undefined],
      ['the rest of an object', KEY, () => ({ range: { start: 4 } }), undefined],
      ['a part of an object', KEY, () => ({ range: { start: 4, end: 5 } }), undefined],
      ['the same state', KEY, () => ({ range: { start: 9 }, ifMatch: etag }), undefined],
      ['another state', KEY, () => ({ ifMatch: '0'.repeat(32) }), 'PreconditionFailed'],
      ['a range behind the end', KEY, () => ({ range: { start: 10 } }), 'InvalidRange'],
      ['no such key', 'none', () => ({}), 'NoSuchKey'],
      ['an aborted call', KEY, () => ({ signal: AbortSignal.abort() }), 'Aborted'],
    ])('%s', async (_what, key, options, code) => {
      const reader = readerOf(fixture.settings, fixture.store.bucket);

      const ours = await outcome(reader, key, options());
      const downloaded = await outcome(downloading(reader), key, options());
      reader.close();

      expect(ours).toEqual(await outcome(fixture.store, key, options()));
      expect(downloaded).toEqual(ours);
      expect((ours as { code?: string }).code).toBe(code);
    });

    it.each<[what: string, change: Partial<TestS3['settings']>, bucket: string | undefined]>([
      ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, undefined],
      ['an unknown key', { AWS_ACCESS_KEY_ID: 'nobody' }, undefined],
      ['no such bucket', {}, 'no-such-bucket'],
      ['nobody there', { S3_ENDPOINT: 'http://127.0.0.1:1' }, undefined],
    ])('%s', async (_what, change, bucket = fixture.store.bucket) => {
      const settings = { ...fixture.settings, ...change };
      const reader = readerOf(settings, bucket);
      const store = openObjectStore(settings, bucket, { maxAttempts: 1 });

      const ours = await outcome(reader, KEY);
      const downloaded = await outcome(downloading(reader), KEY);
      reader.close();

      expect(downloaded).toEqual(ours);

      expect(ours).toMatchObject({ name: expect.stringMatching(/Error$/) });
      expect(ours).toEqual(await outcome(store, KEY));
      store.close();
    });
  });
});

describe.each([
  ['get', (reader: Required<ObjectReader>) => reader],
  ['download', downloading],
])('the reader’s %s on a store that misbehaves', (_how, as) => {
  async function against(listener: RequestListener): Promise<Pick<ObjectReader, 'get' | 'close'>> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const keys = { region: 'r', accessKeyId: 'a', secretAccessKey: 's' };
    const reader = openObjectReader(
      { endpoint: `http://127.0.0.1:${port}/below/`, ...keys },
      'bucket',
      { connectTimeoutMs: 1000, idleTimeoutMs: 50 },
    );
    onTestFinished(() => {
      reader.close();
      server.closeAllConnections();
      server.close();
    });
    return as(reader);
  }

  it('keeps the path of the endpoint', async () => {
    let path: string | undefined;
    const reader = await against((request, response) => {
      path = request.url;
      response.end('x');
    });

    const { body } = await reader.get('a/b c', { versionId: '1/2' });
    await buffer(body);

    expect(path).toBe('/below/bucket/a/b%20c?versionId=1%2F2');
  });

  it('calls an overload without a document transient', async () => {
    const reader = await against((_request, response) => response.writeHead(503).end());

    await expect(reader.get('a')).rejects.toMatchObject({
      status: 503,
      code: undefined,
      transient: true,
    });
  });

  it('refuses a range that the store ignores', async () => {
    const reader = await against((_request, response) => response.end('whole'));

    await expect(reader.get('a', { range: { start: 1 } })).rejects.toMatchObject({
      code: 'RangeIgnored',
      transient: false,
    });
  });

  it('gives a silent store up, and says that it may work later', async () => {
    const reader = await against(() => {});

    await expect(reader.get('a')).rejects.toMatchObject({ code: 'TimeoutError', transient: true });
  });

  it('fails a body that ends too early', async () => {
    const reader = await against((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('12345', () => response.destroy());
    });

    const { body } = await reader.get('a');

    await expect(buffer(body)).rejects.toMatchObject({ transient: true });
  });
});

describe('download()', () => {
  async function serving(write: (socket: Socket) => void): Promise<Required<ObjectReader>> {
    const server = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => write(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const reader = openObjectReader(
      { endpoint, region: 'r', accessKeyId: 'a', secretAccessKey: 's' },
      'bucket',
    );
    onTestFinished(() => void server.close());
    return reader;
  }
  const bytesOf = async (reader: Required<ObjectReader>): Promise<string> =>
    (await taken((await reader.download('a')).body)).toString();

  it.each([
    ['in one piece', ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd']],
    ['byte by byte', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd'.split('')],
    [
      'after an interim one',
      ['HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\nab', 'cd'],
    ],
    ['with more than was announced', ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcdef']],
  ])('reads an answer %s', async (_what, pieces) => {
    const reader = await serving((socket) => {
      socket.setNoDelay();
      void (async () => {
        for (const piece of pieces) await new Promise((done) => socket.write(piece, done));
      })();
    });

    expect(await bytesOf(reader)).toBe('abcd');
  });

  it('leaves a chunked answer to Node', async () => {
    const reader = await serving((socket) =>
      socket.end(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n',
      ),
    );

    expect(await bytesOf(reader)).toBe('abcd');
  });

  it.each([
    ['an end without an answer', ''],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
  ])('calls %s transient: another answer may be better', async (_what, text) => {
    const reader = await serving((socket) => socket.end(text));

    await expect(reader.download('a')).rejects.toMatchObject({ transient: true });
  });

  it('passes on what its reader throws, and ends the connection', async () => {
    let closed: Promise<unknown> | undefined;
    const reader = await serving((socket) => {
      closed = once(socket, 'close');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd');
    });
    const { body } = await reader.download('a');

    const reading = body.lend(() => {
      throw new RangeError('no room');
    });

    await expect(reading).rejects.toThrow(new RangeError('no room'));
    await closed;
  });

  it('lends one buffer for all pieces of a large object', async () => {
    const size = 8 * 1024 * 1024;
    const reader = await serving((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size, 'x'));
    });
    const { body } = await reader.download('a');
    const buffers = new Set<ArrayBufferLike>();
    let received = 0;

    await body.lend((piece) => {
      buffers.add(piece.buffer);
      received += piece.length;
    });

    expect(received).toBe(size);
    // And one for what came with the head.
    expect(buffers.size).toBeLessThanOrEqual(2);
  });
});
