import { randomUUID } from 'node:crypto';

import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

const NAME = 'sourcé + %';

/** Objects made of other objects. */
export function checkCopies(fixture: () => S3Fixture): void {
  async function source(): Promise<{ CopySource: string; Key: string; ETag: string }> {
    const { client, bucket: Bucket } = fixture();
    const Key = `${randomUUID()}/${NAME}`;
    const { ETag = '' } = await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: '0123456789',
        ContentType: 'text/plain',
        Metadata: { team: 'birds' },
      }),
    );
    return { CopySource: `${Bucket}/${encodeURIComponent(Key)}`, Key, ETag };
  }
  async function copy(
    input: Partial<CopyObjectCommandInput> & { readonly CopySource: string },
  ): Promise<string> {
    const { client, bucket: Bucket } = fixture();
    const Key = `${randomUUID()}/copy`;
    await client.send(new CopyObjectCommand({ Bucket, Key, ...input }));
    return input.Key ?? Key;
  }

  it('copies bytes, type and metadata', async () => {
    const { client, bucket: Bucket } = fixture();
    const { CopySource, ETag } = await source();

    const Key = await copy({ CopySource });

    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe('0123456789');
    expect(got).toMatchObject({ ETag, ContentType: 'text/plain', Metadata: { team: 'birds' } });
  });

  it('replaces type and metadata when told to, also in place', async () => {
    const { client, bucket: Bucket } = fixture();
    const { CopySource, Key } = await source();
    const replacing = { MetadataDirective: 'REPLACE', ContentType: 'text/css' } as const;

    await copy({ CopySource, Key, ...replacing, Metadata: { n: '1' } });

    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({
      ContentLength: 10,
      ContentType: 'text/css',
      Metadata: { n: '1' },
    });
  });

  it('refuses a copy to itself that changes nothing', async () => {
    const { CopySource, Key } = await source();

    await expect(copy({ CopySource, Key })).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  it('copies only the state of the source that a condition names', async () => {
    const { CopySource, ETag } = await source();

    await copy({ CopySource, CopySourceIfMatch: ETag });
    await expect(copy({ CopySource, CopySourceIfMatch: '"0"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(copy({ CopySource, CopySourceIfNoneMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  it('says that the source does not exist', async () => {
    const { bucket } = fixture();

    const copying = copy({ CopySource: `${bucket}/${randomUUID()}` });

    await expect(copying).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('copies a range into a part of an upload', async () => {
    const { client, bucket: Bucket } = fixture();
    const { CopySource } = await source();
    const at = { Bucket, Key: `${randomUUID()}/parts` };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));

    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({
        ...at,
        UploadId,
        PartNumber: 1,
        CopySource,
        CopySourceRange: 'bytes=2-5',
      }),
    );
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await client.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
    );

    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body?.transformToString()).toBe('2345');
  });
}
