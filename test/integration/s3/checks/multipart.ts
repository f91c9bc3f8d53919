import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const FIRST = randomBytes(MIN_PART_BYTES);
const LAST = Buffer.from('the end');

/** Uploads in parts, step by step. */
export function checkMultipart(fixture: () => S3Fixture): void {
  /** An upload with the parts that are given, by number. */
  async function upload(
    parts: Readonly<Record<number, Buffer>>,
    create: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<{
    readonly parts: CompletedPart[];
    readonly at: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
    readonly complete: (
      input?: Partial<CompleteMultipartUploadCommandInput>,
    ) => Promise<string | undefined>;
  }> {
    const { client, bucket: Bucket } = fixture();
    const Key = `${randomUUID()}/object`;
    const begun = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...create }));
    const at = { Bucket, Key: create.Key ?? Key, UploadId: begun.UploadId ?? '' };
    const done: CompletedPart[] = [];
    for (const [number, Body] of Object.entries(parts)) {
      const PartNumber = Number(number);
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...at, PartNumber, Body }),
      );
      done.push({ PartNumber, ETag, ...(create.ChecksumAlgorithm && { ChecksumCRC32 }) });
    }
    return {
      parts: done,
      at,
      async complete(input = {}) {
        const command = new CompleteMultipartUploadCommand({
          ...at,
          MultipartUpload: { Parts: done },
          ...input,
        });
        return (await client.send(command)).ETag;
      },
    };
  }

  it('makes one object of the parts, with its type, metadata and the ETag of the parts', async () => {
    const { client } = fixture();
    const { at, complete } = await upload(
      { 1: FIRST, 7: LAST },
      { ContentType: 'text/plain', Metadata: { team: 'birds' } },
    );
    const before = client.send(new HeadObjectCommand({ Bucket: at.Bucket, Key: at.Key }));
    await expect(before).rejects.toMatchObject({ name: 'NotFound' });

    const etag = await complete();

    const got = await client.send(new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key }));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([FIRST, LAST]))).toBe(true);
    expect(etag).toBe(`"${etagOf([FIRST, LAST])}"`);
    expect(got).toMatchObject({
      ETag: etag,
      ContentType: 'text/plain',
      Metadata: { team: 'birds' },
      ContentLength: FIRST.length + LAST.length,
    });
    const again = complete();
    await expect(again).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it.each(['COMPOSITE', 'FULL_OBJECT'] as const)('keeps a checksum of type %s', async (type) => {
    const { client } = fixture();
    const { at, complete } = await upload(
      { 1: FIRST, 2: LAST },
      { ChecksumAlgorithm: 'CRC32', ChecksumType: type },
    );

    await complete();
    const got = await client.send(
      new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key, ChecksumMode: 'ENABLED' }),
    );
    await got.Body?.transformToByteArray();

    expect(got.ChecksumType).toBe(type);
    expect(got.ChecksumCRC32).toMatch(type === 'COMPOSITE' ? /^.{8}-2$/ : /^.{8}$/);
  });

  it('holds the object against the checksum that comes with the list of parts', async () => {
    const { complete } = await upload(
      { 1: FIRST, 2: LAST },
      { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    );
    const sum = (bytes: Buffer): string => {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(crc32(bytes));
      return value.toString('base64');
    };
    const ChecksumType = 'FULL_OBJECT';

    const wrong = complete({ ChecksumType, ChecksumCRC32: sum(LAST) });
    await expect(wrong).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    const ChecksumCRC32 = sum(Buffer.concat([FIRST, LAST]));

    expect(await complete({ ChecksumType, ChecksumCRC32 })).toMatch(/-2"$/);
  });

  it('replaces a part that is sent again', async () => {
    const { client } = fixture();
    const { at, complete } = await upload({ 1: Buffer.from('first try') });

    const { ETag } = await client.send(
      new UploadPartCommand({ ...at, PartNumber: 1, Body: 'second' }),
    );
    await expect(complete()).rejects.toMatchObject({ name: 'InvalidPart' });
    await complete({ MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });

    const got = await client.send(new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key }));
    expect(await got.Body?.transformToString()).toBe('second');
  });

  it.each<[what: string, code: string, change: (parts: CompletedPart[]) => CompletedPart[]]>([
    [
      'a part that never came',
      'InvalidPart',
      (parts) => [...parts, { PartNumber: 9, ETag: '"0"' }],
    ],
    ['parts out of order', 'InvalidPartOrder', (parts) => parts.toReversed()],
    ['no parts at all', 'MalformedXML|InvalidRequest', () => []],
  ])('refuses %s', async (_, code, change) => {
    const { parts, complete } = await upload({ 1: FIRST, 2: LAST });

    await expect(complete({ MultipartUpload: { Parts: change(parts) } })).rejects.toMatchObject({
      name: expect.stringMatching(code),
    });
    await complete();
  });

  it('refuses a part below 5 MiB that is not the last', async () => {
    const { complete } = await upload({ 1: LAST, 2: LAST });

    await expect(complete()).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  it('lets exactly one of 4 uploads create the object (If-None-Match)', async () => {
    const { client } = fixture();
    const Key = `${randomUUID()}/contended`;
    const racers = await Promise.all(
      Array.from({ length: 4 }, (_, racer) =>
        upload({ 1: Buffer.from(`racer ${racer}`) }, { Key }),
      ),
    );

    const outcomes = await Promise.allSettled(
      racers.map(({ complete }) => complete({ IfNoneMatch: '*' })),
    );

    const won = outcomes.flatMap(({ status }, racer) => (status === 'fulfilled' ? [racer] : []));
    expect(won).toHaveLength(1);
    const lost = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as Error] : [],
    );
    expect(lost.map(({ name }) => name)).toEqual(Array(3).fill('PreconditionFailed'));
    const { bucket: Bucket } = fixture();
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe(`racer ${won[0]}`);
  });

  it('does not replace what another has put meanwhile (If-Match)', async () => {
    const { client, bucket: Bucket } = fixture();
    const { at, complete } = await upload({ 1: LAST });
    const { Key } = at;
    const first = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'one' }));
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'two' }));

    const completing = complete({ IfMatch: first.ETag });

    await expect(completing).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('lists parts page by page, and uploads under way', async () => {
    const { client } = fixture();
    const { at, parts } = await upload({ 3: LAST, 1: LAST, 2: LAST });

    const one = await client.send(new ListPartsCommand({ ...at, MaxParts: 2 }));
    const two = await client.send(
      new ListPartsCommand({ ...at, MaxParts: 2, PartNumberMarker: one.NextPartNumberMarker }),
    );
    const { Uploads } = await client.send(
      new ListMultipartUploadsCommand({ Bucket: at.Bucket, Prefix: at.Key }),
    );

    expect([one.IsTruncated, two.IsTruncated]).toEqual([true, false]);
    const listed = [...(one.Parts ?? []), ...(two.Parts ?? [])];
    expect(listed.map(({ PartNumber, ETag, Size }) => ({ PartNumber, ETag, Size }))).toEqual(
      parts.map((part) => ({ ...part, Size: LAST.length })),
    );
    expect(Uploads?.map(({ Key, UploadId }) => ({ Key, UploadId }))).toEqual([
      { Key: at.Key, UploadId: at.UploadId },
    ]);
  });

  it('forgets an upload that is aborted, and shows nothing of it', async () => {
    const { client } = fixture();
    const { at, complete } = await upload({ 1: LAST });

    await client.send(new AbortMultipartUploadCommand(at));

    const part = client.send(new UploadPartCommand({ ...at, PartNumber: 2, Body: 'x' }));
    await expect(part).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const listed = await client.send(
      new ListObjectsV2Command({ Bucket: at.Bucket, Prefix: at.Key }),
    );
    expect(listed.KeyCount).toBe(0);
  });
}

function etagOf(parts: readonly Buffer[]): string {
  const md5s = parts.map((part) => createHash('md5').update(part).digest());
  return `${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-${parts.length}`;
}
