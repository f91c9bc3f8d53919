import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type {
  GetOptions,
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

function readerOf(settings: TestS3['settings'], bucket: string): ObjectReader {
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

/** Everything that a caller can see of a read. */
async function outcome(reader: ObjectReader, key: string, options?: GetOptions): Promise<unknown> {
  try {
    const { meta, body } = await reader.get(key, options);
    return { meta, bytes: (await buffer(body)).toString() };
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
      reader.close();

      expect(ours).toEqual(await outcome(fixture.store, key, options()));
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
      reader.close();

      expect(ours).toMatchObject({ name: expect.stringMatching(/Error$/) });
      expect(ours).toEqual(await outcome(store, KEY));
      store.close();
    });
  });
});

describe('the reader on a store that misbehaves', () => {
  async function against(listener: RequestListener): Promise<ObjectReader> {
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
    return reader;
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
