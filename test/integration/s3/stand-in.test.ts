import { randomUUID } from 'node:crypto';

import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { startS3Fixture } from './fixture.ts';
import type { S3Fixture } from './fixture.ts';

let fixture: S3Fixture;

beforeAll(async () => {
  fixture = await startS3Fixture(startLocalS3);
});
afterAll(async () => {
  await fixture.stop();
});

describe('what the local stand-in does as AWS and MinIO does not', () => {
  it('holds the conditions of a copy on its target', async () => {
    const { client, bucket: Bucket } = fixture;
    const [from, to] = [randomUUID(), randomUUID()];
    await client.send(new PutObjectCommand({ Bucket, Key: from, Body: 'new' }));
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: to, Body: 'old' }));
    const copy = { Bucket, Key: to, CopySource: `${Bucket}/${from}` };

    const creating = client.send(new CopyObjectCommand({ ...copy, IfNoneMatch: '*' }));
    await expect(creating).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const stale = client.send(new CopyObjectCommand({ ...copy, IfMatch: '"0"' }));
    await expect(stale).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await client.send(new CopyObjectCommand({ ...copy, IfMatch: ETag }));

    const got = await client.send(new GetObjectCommand({ Bucket, Key: to }));
    expect(await got.Body?.transformToString()).toBe('new');
  });
});
