import { randomUUID } from 'node:crypto';

import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

/** Deleting buckets, and listing them the old way. */
export function checkBuckets(fixture: () => S3Fixture): void {
  it('deletes a bucket only when it is empty', async () => {
    const { client } = fixture();
    const Bucket = `gone-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));

    const refused = client.send(new DeleteBucketCommand({ Bucket }));
    await expect(refused).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    await client.send(new DeleteBucketCommand({ Bucket }));

    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).not.toContain(Bucket);
    const heading = client.send(new HeadBucketCommand({ Bucket }));
    await expect(heading).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    const writing = client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    await expect(writing).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await client.send(new CreateBucketCommand({ Bucket }));
  });

  it('lists page after page from a marker, each key and prefix once', async () => {
    const { client, bucket } = fixture();
    const folder = `${randomUUID()}/`;
    for (const name of ['a', 'b/1', 'b/2', 'c', 'd/1', 'é']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: folder + name, Body: 'x' }));
    }

    const pages: string[][] = [];
    for (let Marker: string | undefined, isLast = false; !isLast;) {
      const page = await client.send(
        new ListObjectsCommand({
          Bucket: bucket,
          Prefix: folder,
          Delimiter: '/',
          MaxKeys: 2,
          Marker,
          EncodingType: 'url',
        }),
      );
      const keys = (page.Contents ?? []).map(({ Key = '' }) => Key);
      const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix);
      pages.push([...keys, ...prefixes].toSorted().map((key) => key.slice(folder.length)));
      Marker = page.NextMarker === undefined ? undefined : decodeURIComponent(page.NextMarker);
      isLast = page.IsTruncated !== true;
    }

    expect(pages.flat()).toEqual(['a', 'b/', 'c', 'd/', '%C3%A9']);
    expect(pages.length).toBeGreaterThan(1);
  });
}
