import { randomUUID } from 'node:crypto';

import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type { Tag } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';

/** Tags of objects. */
export function checkTags(fixture: () => S3Fixture): void {
  async function tagged(Tagging: string): Promise<{ Bucket: string; Key: string }> {
    const at = { Bucket: fixture().bucket, Key: `${randomUUID()}/tagged` };
    await fixture().client.send(new PutObjectCommand({ ...at, Body: 'hello', Tagging }));
    return at;
  }
  async function tagsOf(at: { Bucket: string; Key: string }): Promise<Record<string, string>> {
    const { TagSet = [] } = await fixture().client.send(new GetObjectTaggingCommand(at));
    return Object.fromEntries(TagSet.map(({ Key, Value }) => [`${Key}`, `${Value}`] as const));
  }

  it('come with the object, can be replaced and removed, and leave its bytes alone', async () => {
    const { client } = fixture();
    const at = await tagged('team=birds%20%2B&stage=raw');
    const before = await client.send(new HeadObjectCommand(at));

    expect(await tagsOf(at)).toEqual({ team: 'birds +', stage: 'raw' });
    await client.send(
      new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: 'stage', Value: '' }] } }),
    );
    expect(await tagsOf(at)).toEqual({ stage: '' });
    expect((await client.send(new HeadObjectCommand(at))).TagCount).toBe(1);
    await client.send(new DeleteObjectTaggingCommand(at));
    expect(await tagsOf(at)).toEqual({});

    const after = await client.send(new HeadObjectCommand(at));
    expect(after).toMatchObject({
      ETag: before.ETag,
      ContentLength: 5,
      LastModified: before.LastModified,
    });
  });

  it('go with a copy unless it has its own', async () => {
    const { client } = fixture();
    const at = await tagged('team=birds');
    const copy = { ...at, CopySource: `${at.Bucket}/${at.Key}` };
    const [kept, replaced] = [`${at.Key}-1`, `${at.Key}-2`];

    await client.send(new CopyObjectCommand({ ...copy, Key: kept }));
    await client.send(
      new CopyObjectCommand({
        ...copy,
        Key: replaced,
        TaggingDirective: 'REPLACE',
        Tagging: 'team=fish',
      }),
    );

    expect(await tagsOf({ ...at, Key: kept })).toEqual({ team: 'birds' });
    expect(await tagsOf({ ...at, Key: replaced })).toEqual({ team: 'fish' });
  });

  it.each<[what: string, tags: Tag[]]>([
    [
      'a name twice',
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
    ],
    ['a name of 129 characters', [{ Key: 'a'.repeat(129), Value: '' }]],
    ['eleven', Array.from({ length: 11 }, (_, n) => ({ Key: `${n}`, Value: '' }))],
  ])('are refused: %s', async (_, TagSet) => {
    const at = await tagged('team=birds');

    const command = new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } });

    await expect(fixture().client.send(command)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    expect(await tagsOf(at)).toEqual({ team: 'birds' });
  });
}
