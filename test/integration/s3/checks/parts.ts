import { randomBytes, randomUUID } from 'node:crypto';

import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { GetObjectAttributesCommandInput } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

const PARTS = [randomBytes(5 * 1024 * 1024), Buffer.from('the end')];
const [first = Buffer.alloc(0), last = Buffer.alloc(0)] = PARTS;

/** Reading an object by the parts it was uploaded in, and what S3 calls its attributes. */
export function checkParts(fixture: () => S3Fixture): void {
  async function uploaded(): Promise<{
    Bucket: string;
    Key: string;
    sums: (string | undefined)[];
  }> {
    const { client, bucket: Bucket } = fixture();
    const at = { Bucket, Key: `${randomUUID()}/in parts` };
    const ChecksumAlgorithm = 'SHA256';
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm }),
    );
    const parts = [];
    for (const [index, Body] of PARTS.entries()) {
      const PartNumber = index + 1;
      const { ETag, ChecksumSHA256 } = await client.send(
        new UploadPartCommand({ ...at, UploadId, PartNumber, Body, ChecksumAlgorithm }),
      );
      parts.push({ PartNumber, ETag, ChecksumSHA256 });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: parts } }),
    );
    return { ...at, sums: parts.map(({ ChecksumSHA256 }) => ChecksumSHA256) };
  }
  async function whole(Body: string): Promise<{ Bucket: string; Key: string }> {
    const at = { Bucket: fixture().bucket, Key: `${randomUUID()}/whole` };
    await fixture().client.send(new PutObjectCommand({ ...at, Body: Buffer.from(Body) }));
    return at;
  }

  it('gives each part by its number, with its own checksum', async () => {
    const { client } = fixture();
    const { sums, ...at } = await uploaded();
    const mode = { ChecksumMode: 'ENABLED' } as const;

    const one = await client.send(new GetObjectCommand({ ...at, PartNumber: 1, ...mode }));
    const two = await client.send(new GetObjectCommand({ ...at, PartNumber: 2 }));
    const head = await client.send(new HeadObjectCommand({ ...at, PartNumber: 2, ...mode }));

    const total = first.length + last.length;
    expect(one.$metadata.httpStatusCode).toBe(206);
    expect(Buffer.from((await one.Body?.transformToByteArray()) ?? []).equals(first)).toBe(true);
    expect(one).toMatchObject({
      ContentRange: `bytes 0-${first.length - 1}/${total}`,
      PartsCount: 2,
      ChecksumSHA256: sums[0],
    });
    expect(await two.Body?.transformToString()).toBe(last.toString());
    expect(head).toMatchObject({
      ContentLength: last.length,
      ContentRange: `bytes ${first.length}-${total - 1}/${total}`,
      PartsCount: 2,
      ChecksumSHA256: sums[1],
    });
  });

  it('takes an object that was uploaded whole for one part', async () => {
    const at = await whole('hello');

    const got = await fixture().client.send(new GetObjectCommand({ ...at, PartNumber: 1 }));

    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got.ContentRange).toBe('bytes 0-4/5');
    expect(got.PartsCount).toBeUndefined();
    expect(got.$metadata.httpStatusCode).toBe(206);
  });

  it.each<[what: string, PartNumber: number, Range: string | undefined, status: number]>([
    ['a part that it does not have', 2, undefined, 416],
    ['a part and a range', 1, 'bytes=0-1', 400],
    ['part 0', 0, undefined, 400],
    ['part 10,001', 10_001, undefined, 400],
  ])('refuses %s', async (_, PartNumber, Range, status) => {
    const at = await whole('hello');

    const got = fixture().client.send(new GetObjectCommand({ ...at, PartNumber, Range }));

    await expect(got).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
  });

  // One at a time: MinIO refuses the space with which the SDK lists several.
  it.each<[name: 'ETag' | 'Checksum' | 'StorageClass' | 'ObjectSize', answer: object]>([
    ['ETag', { ETag: '5d41402abc4b2a76b9719d911017c592' }],
    ['Checksum', { Checksum: { ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' } }],
    ['StorageClass', { StorageClass: 'STANDARD' }],
    ['ObjectSize', { ObjectSize: 5 }],
  ])('says the attribute %s, and when it was written', async (name, answer) => {
    const { client } = fixture();
    const at = await whole('hello');

    const got = await client.send(
      new GetObjectAttributesCommand({ ...at, ObjectAttributes: [name] }),
    );

    expect(got).toMatchObject(answer);
    expect(got.LastModified).toEqual((await client.send(new HeadObjectCommand(at))).LastModified);
  });

  it('lists the parts, page by page', async () => {
    const { client } = fixture();
    const { sums, ...at } = await uploaded();
    const pageOf = async (input: Partial<GetObjectAttributesCommandInput>): Promise<unknown> => {
      const command = new GetObjectAttributesCommand({
        ...at,
        ObjectAttributes: ['ObjectParts'],
        ...input,
      });
      return (await client.send(command)).ObjectParts;
    };
    const parts = PARTS.map(({ length: Size }, index) => {
      return { PartNumber: index + 1, Size, ChecksumSHA256: sums[index] };
    });

    expect(await pageOf({})).toMatchObject({
      TotalPartsCount: 2,
      IsTruncated: false,
      Parts: parts,
    });
    expect(await pageOf({ MaxParts: 1 })).toMatchObject({
      TotalPartsCount: 2,
      IsTruncated: true,
      NextPartNumberMarker: '1',
      Parts: parts.slice(0, 1),
    });
    expect(await pageOf({ PartNumberMarker: '1' })).toMatchObject({
      IsTruncated: false,
      Parts: parts.slice(1),
    });
  });

  it.each<[what: string, input: Partial<GetObjectAttributesCommandInput>, code: string]>([
    [
      'an attribute that does not exist',
      { ObjectAttributes: ['Colour' as never] },
      'InvalidArgument',
    ],
    ['no attribute', { ObjectAttributes: [] }, 'InvalidArgument'],
    ['an object that does not exist', { Key: 'none' }, 'NoSuchKey'],
  ])('refuses attributes: %s', async (_, input, code) => {
    const at = await whole('hello');

    const asked = fixture().client.send(
      new GetObjectAttributesCommand({ ...at, ObjectAttributes: ['ETag'], ...input }),
    );

    await expect(asked).rejects.toMatchObject({ name: code });
  });
}
