import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startS3Server } from '../../../knative/local/s3/server.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import { collect } from './fixture.ts';
import { sendSigned } from './signed-request.ts';

describe('the data folder', () => {
  it('keeps buckets, objects and metadata over a restart, and no leftovers', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
    const options = { dataDir, accessKeyId: 'id', secretAccessKey: 'secret' };
    const settings = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };

    const first = await startS3Server(options);
    await sendSigned(
      { ...settings, S3_ENDPOINT: first.endpoint },
      { method: 'PUT', path: '/kept' },
    );
    const before = openObjectStore({ ...settings, S3_ENDPOINT: first.endpoint }, 'kept');
    await before.put('a/b', 'one', { contentType: 'text/plain', user: { n: '1' } });
    await before.put('a/b', 'two', { contentType: 'text/css', user: { n: '2' } });
    await before.put('gone', 'x');
    await before.delete('gone');
    const meta = await before.head('a/b');
    before.close();
    await first.close();
    const second = await startS3Server(options);
    const after = openObjectStore({ ...settings, S3_ENDPOINT: second.endpoint }, 'kept');

    expect(await after.head('a/b')).toEqual({ ...meta, servedAt: expect.any(Date) });
    expect((await after.getBytes('a/b', { maxBytes: 10 })).bytes.toString()).toBe('two');
    expect(await collect(after.list({ prefix: '' }))).toHaveLength(1);
    expect(await readdir(join(dataDir, 'buckets', 'kept', 'objects'))).toHaveLength(1);
    expect(await readdir(join(dataDir, 'buckets', 'kept', 'drafts'))).toEqual([]);
    after.close();
    await second.close();
    await rm(dataDir, { recursive: true });
  });

  it('is refused when it holds what no server of this kind wrote', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
    const objects = join(dataDir, 'buckets', 'broken', 'objects');
    await mkdir(objects, { recursive: true });
    await writeFile(join(objects, 'stranger'), 'not an object');

    const starting = startS3Server({ dataDir, accessKeyId: 'id', secretAccessKey: 'secret' });

    await expect(starting).rejects.toThrow('is not an object file');
    await rm(dataDir, { recursive: true });
  });

  it('is served by one server at a time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
    const options = { dataDir, accessKeyId: 'id', secretAccessKey: 'secret' };

    const first = await startS3Server(options);
    await expect(startS3Server(options)).rejects.toThrow('in use');
    await first.close();
    const second = await startS3Server(options);

    await second.close();
    await rm(dataDir, { recursive: true });
  });

  it('says that a port is taken, and lets go of the folder', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
    const options = { dataDir, accessKeyId: 'id', secretAccessKey: 'secret' };
    const other = await startLocalS3();
    const port = Number(new URL(other.settings.S3_ENDPOINT).port);

    await expect(startS3Server({ ...options, port })).rejects.toThrow('EADDRINUSE');
    const server = await startS3Server(options);

    await server.close();
    await other.stop();
    await rm(dataDir, { recursive: true });
  });
});
