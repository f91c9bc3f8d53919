import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { startChild } from '../../support/stand-in-child.ts';
import { clientOf } from './fixture.ts';

const Bucket = 'kept';
const Key = 'in/object';

it('kill -9 changes nothing of versions, their order, markers, tags and settings', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
  let before: unknown;
  {
    await using server = await startChild(dataDir);
    const client = clientOf(server.settings);
    const versioning = (Status: 'Enabled' | 'Suspended') =>
      client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new CreateBucketCommand({ Bucket: 'gone' }));
    await client.send(new DeleteBucketCommand({ Bucket: 'gone' }));
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'null' }));
    await versioning('Enabled');
    for (const Body of ['1', '22', '333']) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, Tagging: `n=${Body}` }));
    }
    const TagSet = [{ Key: 'tagged', Value: 'later' }];
    await client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'other', Body: 'x' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'other' }));
    await versioning('Suspended');
    before = await stateOf(client);
    client.destroy();
  }

  await using server = await startChild(dataDir);
  const client = clientOf(server.settings);

  expect(await stateOf(client)).toEqual(before);
  expect(before).toMatchObject({
    buckets: [Bucket],
    status: 'Suspended',
    tags: [{ Key: 'tagged', Value: 'later' }],
  });
  client.destroy();
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

async function stateOf(client: S3Client): Promise<unknown> {
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }));
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key }));
  const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return {
    buckets: Buckets?.map(({ Name }) => Name),
    status: Status,
    tags: TagSet,
    versions: Versions,
    markers: DeleteMarkers,
  };
}
