import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { collect, freshKey, startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { sendSigned } from './signed-request.ts';
import type { Reply, SignedRequest } from './signed-request.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(startLocalS3);
});
afterAll(async () => {
  await fixture.stop();
});

const send = (request: SignedRequest): Promise<Reply> => sendSigned(fixture.settings, request);
const inBucket = (key: string): string => `/${fixture.store.bucket}/${key}`;
const put = (request: Partial<SignedRequest>): Promise<Reply> =>
  send({ method: 'PUT', path: inBucket(freshKey('body')), body: 'hello', ...request });

const list = (query: Record<string, string>): Promise<Reply> =>
  send({ path: `/${fixture.store.bucket}`, query: { 'list-type': '2', ...query } });

const chunked = (checksum: string): Partial<SignedRequest> => ({
  payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  headers: {
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '5',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  },
  body: `3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`,
});
const codeIn = ({ body }: Reply): string | undefined => /<Code>(\w+)<\/Code>/.exec(body)?.[1];

describe('signatures', () => {
  it('accepts a correct one', async () => {
    const reply = await send({ path: '/' });

    expect(reply.status).toBe(200);
    expect(reply.body).toContain(`<Name>${fixture.store.bucket}</Name>`);
    expect(reply.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
  });

  it.each<[what: string, code: string, request: Partial<SignedRequest>]>([
    ['another path', 'SignatureDoesNotMatch', { tamper: (sent) => (sent.path += 'x') }],
    ['another query', 'SignatureDoesNotMatch', { tamper: (sent) => (sent.path += '?prefix=x') }],
    [
      'another signed header',
      'SignatureDoesNotMatch',
      {
        headers: { 'x-amz-meta-a': '1' },
        tamper: ({ headers }) => (headers['x-amz-meta-a'] = '2'),
      },
    ],
    [
      'an unsigned x-amz header',
      'AccessDenied',
      { tamper: ({ headers }) => (headers['x-amz-meta-a'] = '1') },
    ],
    [
      'no signature',
      'AccessDenied',
      {
        tamper: ({ headers }) => {
          delete headers['authorization'];
        },
      },
    ],
    ['a clock 16 minutes fast', 'RequestTimeTooSkewed', { date: minutesFromNow(16) }],
    ['a clock 16 minutes slow', 'RequestTimeTooSkewed', { date: minutesFromNow(-16) }],
  ])('refuses %s with 403 %s', async (_, code, request) => {
    const reply = await send({ path: inBucket('key'), ...request });

    expect(reply.status).toBe(403);
    expect(codeIn(reply)).toBe(code);
  });

  it('accepts a clock 14 minutes off', async () => {
    expect((await send({ path: '/', date: minutesFromNow(14) })).status).toBe(200);
  });

  it.each(['/bucket/key', '/bucket?acl', '/bucket'])(
    'needs one from whoever posts what looks like a form to %s',
    async (path) => {
      const { S3_ENDPOINT } = fixture.settings;
      const url = S3_ENDPOINT + path.replace('bucket', fixture.store.bucket);

      const reply = await fetch(url, { method: 'POST', body: new FormData() });

      expect([reply.status, await reply.text()]).toEqual([
        path === '/bucket' ? 400 : 403,
        expect.stringMatching(path === '/bucket' ? 'MalformedPOSTRequest' : 'AccessDenied'),
      ]);
    },
  );
});

describe('bodies', () => {
  it.each<[what: string, code: string, request: Partial<SignedRequest>]>([
    ['a wrong CRC-32', 'BadDigest', { headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }],
    ['a wrong CRC-32C', 'BadDigest', { headers: { 'x-amz-checksum-crc32c': 'AAAAAA==' } }],
    ['a wrong SHA-1', 'BadDigest', { headers: { 'x-amz-checksum-sha1': 'AAAA' } }],
    ['a wrong MD5', 'BadDigest', { headers: { 'content-md5': md5('other') } }],
    ['an MD5 that is none', 'InvalidDigest', { headers: { 'content-md5': 'abc' } }],
    ['a body other than the one signed', 'XAmzContentSHA256Mismatch', { payloadHash: sha('x') }],
    [
      'two checksums',
      'InvalidRequest',
      { headers: { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'AAAA' } },
    ],
    [
      'too much user metadata',
      'MetadataTooLarge',
      { headers: { 'x-amz-meta-a': 'x'.repeat(2048) } },
    ],
    ['a key over 1024 bytes', 'KeyTooLongError', { path: '/bucket/' + 'é'.repeat(600) }],
  ])('refuses %s with 400 %s and stores nothing', async (_, code, request) => {
    const path = request.path?.replace('/bucket', `/${fixture.store.bucket}`);
    const target = encodeURI(path ?? inBucket(freshKey('refused')));

    const reply = await put({ ...request, path: target });

    expect(reply.status).toBe(400);
    expect(codeIn(reply)).toBe(code);
    expect((await send({ path: target })).status).toBe(404);
  });

  it('verifies a checksum in the trailer of a chunked body', async () => {
    const right = Buffer.alloc(4);
    right.writeUInt32BE(crc32('hello'));
    const path = inBucket(freshKey());

    const bad = await put({ ...chunked('AAAAAA=='), path });
    const good = await put({ ...chunked(right.toString('base64')), path });
    const stored = await send({ path, headers: { 'x-amz-checksum-mode': 'ENABLED' } });

    expect(codeIn(bad)).toBe('BadDigest');
    expect(good.status).toBe(200);
    expect(stored.body).toBe('hello');
    expect(stored.headers['content-encoding']).toBeUndefined();
    expect(stored.headers['x-amz-checksum-crc32']).toBe(right.toString('base64'));
  });

  it('asks for the body only when it wants it (Expect: 100-continue)', async () => {
    const path = inBucket(freshKey());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const create = { method: 'PUT', path, body: 'hello', agent, awaitContinue: true };
    const headers = { 'if-none-match': '*', 'content-length': '5' };

    const first = await send({ ...create, headers });
    const second = await send({ ...create, headers });
    const afterwards = await send({ path, agent });
    agent.destroy();

    expect(first).toMatchObject({ status: 200, wasContinued: true });
    expect(second).toMatchObject({
      status: 412,
      wasContinued: false,
      headers: { connection: 'close' },
    });
    expect(afterwards).toMatchObject({ status: 200, body: 'hello' });
  });
});

describe('keys', () => {
  const escape = `escape-${randomUUID()}`;

  it.each([`../../../../${escape}`, '..', '/etc/passwd', 'a/../../b', '.', 'CON', 'x//y'])(
    'keeps %j inside the data folder',
    async (key) => {
      const path = `/${fixture.store.bucket}/${encodeURIComponent(key)}`;

      await send({ method: 'PUT', path, body: key });

      expect((await send({ path })).body).toBe(key);
      await expect(access(join(tmpdir(), escape))).rejects.toThrow('ENOENT');
    },
  );

  it('lists a key that is also a folder, and what lies below it', async () => {
    const { store } = fixture;
    const folder = freshKey('');

    for (const name of ['d', 'd/e', 'd/e/f']) await store.put(folder + name, 'x');

    const entries = await collect(store.list({ prefix: folder }));
    expect(entries.map(({ key }) => key.slice(folder.length))).toEqual(['d', 'd/e', 'd/e/f']);
  });
});

describe('listing', () => {
  it('gives at most 1000 keys a page, whatever is asked', async () => {
    expect((await list({ 'max-keys': '5000' })).body).toContain('<MaxKeys>1000</MaxKeys>');
  });

  it.each([
    ['a page size that is no number', { 'max-keys': 'all' }],
    ['an encoding it does not know', { 'encoding-type': 'base64' }],
    ['a token that is not its own', { 'continuation-token': 'AAAA' }],
  ])('refuses %s', async (_, query) => {
    const reply = await list(query);

    expect(reply.status).toBe(400);
    expect(codeIn(reply)).toBe('InvalidArgument');
  });
});

describe('everything else', () => {
  it.each<[name: string, request: Partial<SignedRequest>]>([
    ['GetObjectTorrent', { query: { torrent: '' } }],
    ['DeleteObject with If-Match', { method: 'DELETE', headers: { 'if-match': '"x"' } }],
    ['PutObjectRename', { method: 'PUT', query: { renameObject: '' } }],
    ['PutObjectRetention', { method: 'PUT', query: { retention: '' } }],
    ['PutObjectLegalHold', { method: 'PUT', query: { 'legal-hold': '' } }],
    [
      'PutBucketLockConfiguration',
      { method: 'PUT', path: '/bucket', query: { 'object-lock': '' } },
    ],
    [
      'Object lock',
      {
        method: 'PUT',
        path: '/bucket-2',
        headers: { 'x-amz-bucket-object-lock-enabled': 'true' },
      },
    ],
    ['Object lock', { method: 'PUT', headers: { 'x-amz-object-lock-mode': 'GOVERNANCE' } }],
    ['list public-read', { method: 'PUT', headers: { 'x-amz-acl': 'public-read' } }],
    [
      'Server-side encryption',
      {
        method: 'POST',
        query: { uploads: '' },
        headers: { 'x-amz-server-side-encryption': 'AES256' },
      },
    ],
    ['PutBucketPolicy', { method: 'PUT', path: '/bucket', query: { policy: '' } }],
    ['PutBucketCors', { method: 'PUT', path: '/bucket', query: { cors: '' } }],
    ['PutBucketReplication', { method: 'PUT', path: '/bucket', query: { replication: '' } }],
  ])('answers 501 and says %s', async (name, request) => {
    const path = (request.path ?? '/bucket/key').replace('/bucket', `/${fixture.store.bucket}`);

    const reply = await send({ ...request, path });

    expect(reply.status).toBe(501);
    expect(codeIn(reply)).toBe('NotImplemented');
    expect(reply.body).toContain(name);
  });

  it('refuses another storage class', async () => {
    const path = `/${fixture.store.bucket}/key`;

    const reply = await send({
      method: 'PUT',
      path,
      headers: { 'x-amz-storage-class': 'GLACIER' },
    });

    expect([reply.status, codeIn(reply)]).toEqual([400, 'InvalidStorageClass']);
  });

  it('answers a request that is not S3 at all with an XML error', async () => {
    const { hostname, port } = new URL(fixture.settings.S3_ENDPOINT);
    const outgoing = httpRequest({ hostname, port, path: '/%zz', agent: false }).end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    incoming.resume();

    expect(incoming.statusCode).toBe(400);
    expect(incoming.headers['content-type']).toBe('application/xml');
  });
});

function minutesFromNow(minutes: number): Date {
  return new Date(Date.now() + minutes * 60_000);
}

function sha(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function md5(body: string): string {
  return createHash('md5').update(body).digest('base64');
}
