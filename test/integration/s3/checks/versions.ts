import { randomUUID } from 'node:crypto';

import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { BucketVersioningStatus, ListObjectVersionsCommandInput } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

const Key = 'in/object';

/** Buckets that keep versions. */
export function checkVersions(fixture: () => S3Fixture): void {
  async function bucketWith(status?: BucketVersioningStatus): Promise<string> {
    const Bucket = `versions-${randomUUID()}`;
    await fixture().client.send(new CreateBucketCommand({ Bucket }));
    if (status !== undefined) await setVersioning(Bucket, status);
    return Bucket;
  }
  async function setVersioning(Bucket: string, Status: BucketVersioningStatus): Promise<void> {
    const VersioningConfiguration = { Status };
    await fixture().client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }),
    );
  }
  async function put(Bucket: string, Body: string, key = Key): Promise<string | undefined> {
    const command = new PutObjectCommand({ Bucket, Key: key, Body });
    return (await fixture().client.send(command)).VersionId;
  }
  async function read(Bucket: string, VersionId?: string): Promise<string | undefined> {
    const got = await fixture().client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    // MinIO does not name the version "null".
    if (VersionId !== undefined && VersionId !== 'null') expect(got.VersionId).toBe(VersionId);
    return got.Body?.transformToString();
  }
  /** Every version and marker of the bucket, page by page; `*` is the latest of its key. */
  async function list(input: ListObjectVersionsCommandInput): Promise<string[]> {
    const all: string[] = [];
    for (let markers = {}, isLast = false; !isLast;) {
      const page = await fixture().client.send(
        new ListObjectVersionsCommand({ ...input, ...markers }),
      );
      const versions = [
        ...(page.Versions ?? []),
        ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, Size: 'deleted' })),
      ];
      const lines = versions.map((one) => {
        return `${one.Key} ${one.VersionId} ${one.Size}${one.IsLatest ? ' *' : ''}`;
      });
      all.push(...lines, ...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      isLast = page.IsTruncated !== true;
    }
    return all.toSorted();
  }

  it('keeps every version, and reads the latest or the one that is asked for', async () => {
    const Bucket = await bucketWith('Enabled');
    const { Status } = await fixture().client.send(new GetBucketVersioningCommand({ Bucket }));

    const one = await put(Bucket, '1');
    const two = await put(Bucket, '22');

    expect(Status).toBe('Enabled');
    expect(one).not.toBe(two);
    expect(await read(Bucket)).toBe('22');
    expect(await read(Bucket, one)).toBe('1');
    expect(await list({ Bucket })).toEqual([`${Key} ${one} 1`, `${Key} ${two} 2 *`].toSorted());
  });

  it('hides an object behind a delete marker, and shows it again without', async () => {
    const { client } = fixture();
    const Bucket = await bucketWith('Enabled');
    const one = await put(Bucket, '1');

    const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key }));

    expect(deleted.DeleteMarker).toBe(true);
    await expect(read(Bucket)).rejects.toMatchObject({ name: 'NoSuchKey' });
    const heading = client.send(new HeadObjectCommand({ Bucket, Key }));
    await expect(heading).rejects.toMatchObject({ name: 'NotFound' });
    await expect(read(Bucket, deleted.VersionId)).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    expect(await list({ Bucket })).toEqual(
      [`${Key} ${one} 1`, `${Key} ${deleted.VersionId} deleted *`].toSorted(),
    );
    const { VersionId } = deleted;
    const undone = await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    expect(undone).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await read(Bucket)).toBe('1');
  });

  it('deletes one version for good, and the one before it is the latest', async () => {
    const { client } = fixture();
    const Bucket = await bucketWith('Enabled');
    const one = await put(Bucket, '1');
    const VersionId = await put(Bucket, '2');

    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));

    await expect(read(Bucket, VersionId)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect(await read(Bucket)).toBe('1');
    expect(await list({ Bucket })).toEqual([`${Key} ${one} 1 *`]);
  });

  it('creates again over a delete marker (If-None-Match), and only once', async () => {
    const { client } = fixture();
    const Bucket = await bucketWith('Enabled');
    const create = { Bucket, Key, Body: 'x', IfNoneMatch: '*' };
    await put(Bucket, '1');

    const tooEarly = client.send(new PutObjectCommand(create));
    await expect(tooEarly).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await client.send(new PutObjectCommand(create));
    const again = client.send(new PutObjectCommand(create));

    await expect(again).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await list({ Bucket })).toHaveLength(3);
  });

  it('has one version "null" while versions are suspended, and keeps the others', async () => {
    const { client } = fixture();
    const Bucket = await bucketWith();
    await put(Bucket, 'before');
    await setVersioning(Bucket, 'Enabled');
    const one = await put(Bucket, '1');
    expect(await read(Bucket, 'null')).toBe('before');

    await setVersioning(Bucket, 'Suspended');
    await put(Bucket, 'after');

    expect(await read(Bucket)).toBe('after');
    expect(await list({ Bucket })).toEqual([`${Key} ${one} 1`, `${Key} null 5 *`].toSorted());
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await list({ Bucket })).toEqual([`${Key} ${one} 1`, `${Key} null deleted *`].toSorted());
  });

  it('lists versions page by page, each once, and rolls up prefixes', async () => {
    const Bucket = await bucketWith('Enabled');
    for (const key of ['a', 'b/1', 'b/2', 'c']) {
      for (const body of ['1', '2', '3']) await put(Bucket, body, key);
    }

    const whole = await list({ Bucket });

    expect(new Set(whole).size).toBe(12);
    expect(await list({ Bucket, MaxKeys: 2 })).toEqual(whole);
    expect(await list({ Bucket, Prefix: 'b/', MaxKeys: 4 })).toHaveLength(6);
    const top = await list({ Bucket, Delimiter: '/' });
    expect(top.filter((line) => line === 'b/')).toHaveLength(1);
    expect(top).toHaveLength(7);
  });

  it('is empty, and can go, once every version is deleted', async () => {
    const { client } = fixture();
    const Bucket = await bucketWith('Enabled');
    await put(Bucket, '1');
    await put(Bucket, '2');
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));

    const early = client.send(new DeleteBucketCommand({ Bucket }));
    await expect(early).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const Objects = [...Versions, ...DeleteMarkers].map(({ VersionId }) => ({ Key, VersionId }));
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    await client.send(new DeleteBucketCommand({ Bucket }));

    expect(Objects).toHaveLength(3);
  });

  it.each(['GetObject', 'DeleteObject'])(
    'refuses a version id that cannot be one: %s',
    async (what) => {
      const { client } = fixture();
      const at = { Bucket: await bucketWith('Enabled'), Key, VersionId: 'none' };
      const command = what === 'GetObject' ? new GetObjectCommand(at) : new DeleteObjectCommand(at);

      const sending = client.send(command);

      await expect(sending).rejects.toMatchObject({ name: 'InvalidArgument' });
    },
  );
}
