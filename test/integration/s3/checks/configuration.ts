import { randomUUID } from 'node:crypto';

import {
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { LifecycleRule, Tag } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { clientOf } from '../fixture.ts';
import type { S3Fixture } from '../fixture.ts';

/** What can be set of a bucket, and asked after when it is not. */
export function checkConfiguration(fixture: () => S3Fixture): void {
  async function freshBucket(): Promise<{ Bucket: string }> {
    const at = { Bucket: `conf-${randomUUID()}` };
    await fixture().client.send(new CreateBucketCommand(at));
    return at;
  }
  const rule = (changes: Partial<LifecycleRule> = {}): LifecycleRule => ({
    ID: 'old-jobs',
    Status: 'Enabled',
    Filter: { Prefix: 'jobs/' },
    Expiration: { Days: 7 },
    ...changes,
  });
  const putRules = (at: { Bucket: string }, Rules: LifecycleRule[]): Promise<unknown> =>
    fixture().client.send(
      new PutBucketLifecycleConfigurationCommand({ ...at, LifecycleConfiguration: { Rules } }),
    );
  const rulesOf = async (at: { Bucket: string }): Promise<LifecycleRule[]> =>
    (await fixture().client.send(new GetBucketLifecycleConfigurationCommand(at))).Rules ?? [];

  it('keeps tags of a bucket', async () => {
    const { client } = fixture();
    const at = await freshBucket();
    const TagSet = [
      { Key: 'team', Value: 'birds' },
      { Key: 'stage', Value: '' },
    ];
    const tags = async (): Promise<Tag[] | undefined> =>
      (await client.send(new GetBucketTaggingCommand(at))).TagSet;

    await expect(tags()).rejects.toMatchObject({ name: 'NoSuchTagSet' });
    await client.send(new PutBucketTaggingCommand({ ...at, Tagging: { TagSet } }));
    // In any order.
    expect(await tags()).toEqual(expect.arrayContaining(TagSet));
    await client.send(new DeleteBucketTaggingCommand(at));
    await expect(tags()).rejects.toMatchObject({ name: 'NoSuchTagSet' });
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
    ['fifty-one', Array.from({ length: 51 }, (_, n) => ({ Key: `${n}`, Value: '' }))],
  ])('refuses tags of a bucket: %s', async (_, TagSet) => {
    const putting = fixture().client.send(
      new PutBucketTaggingCommand({ ...(await freshBucket()), Tagging: { TagSet } }),
    );

    await expect(putting).rejects.toMatchObject({
      name: 'MalformedXML',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each<[what: string, rule: LifecycleRule]>([
    ['days after which a prefix goes', rule()],
    ['a date', rule({ Expiration: { Date: new Date('2030-01-01T00:00:00Z') } })],
    ['delete markers', rule({ Expiration: { ExpiredObjectDeleteMarker: true } })],
    ['all objects', rule({ Filter: {} })],
    ['the old form of a prefix', { ...rule(), Filter: undefined, Prefix: 'in/' }],
    ['a tag', rule({ Filter: { Tag: { Key: 'a', Value: 'b & c' } } })],
    ['sizes', rule({ Filter: { ObjectSizeGreaterThan: 500 } })],
    [
      'a prefix and tags',
      rule({ Filter: { And: { Prefix: 'in/', Tags: [{ Key: 'a', Value: 'b' }] } } }),
    ],
    [
      'old versions',
      rule({ NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 2 } }),
    ],
    ['a rule that is off', rule({ Status: 'Disabled' })],
  ])('keeps lifecycle rules: %s', async (_, one) => {
    const at = await freshBucket();

    await putRules(at, [one, rule({ ID: 'second' })]);

    const { Filter, ...rest } = one;
    // The SDK gives an empty filter back as one with no members.
    expect(await rulesOf(at)).toMatchObject([
      Filter === undefined || Object.keys(Filter).length === 0 ? rest : one,
      { ID: 'second' },
    ]);
  });

  it('removes lifecycle rules, and names a rule that came without a name', async () => {
    const at = await freshBucket();

    await expect(rulesOf(at)).rejects.toMatchObject({ name: 'NoSuchLifecycleConfiguration' });
    await putRules(at, [{ ...rule(), ID: undefined }]);
    expect((await rulesOf(at))[0]?.ID).toMatch(/^.{16,}$/);
    await fixture().client.send(new DeleteBucketLifecycleCommand(at));
    await expect(rulesOf(at)).rejects.toMatchObject({ name: 'NoSuchLifecycleConfiguration' });
  });

  it.each<[what: string, rules: LifecycleRule[], code: string]>([
    ['none', [], 'InvalidArgument'],
    ['one name twice', [rule(), rule({ Filter: { Prefix: 'x' } })], 'InvalidArgument'],
    ['no action', [{ ...rule(), Expiration: undefined }], 'InvalidArgument'],
    ['no days', [rule({ Expiration: { Days: 0 } })], 'InvalidArgument'],
    ['days and a date', [rule({ Expiration: { Days: 1, Date: new Date(0) } })], 'InvalidArgument'],
    ['noon', [rule({ Expiration: { Date: new Date('2030-01-01T12:00:00Z') } })], 'InvalidArgument'],
    ['a status that is none', [rule({ Status: 'enabled' as never })], 'InvalidArgument'],
    ['a name of 256 characters', [rule({ ID: 'a'.repeat(256) })], 'InvalidArgument'],
    [
      'another storage class',
      [rule({ Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] })],
      'InvalidStorageClass',
    ],
  ])('refuses lifecycle rules: %s', async (_, rules, code) => {
    const putting = putRules(await freshBucket(), rules);

    await expect(putting).rejects.toMatchObject({
      name: code,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('says of what is never set that it is not', async () => {
    const { client } = fixture();
    const at = await freshBucket();
    const questions = [
      client.send(new GetBucketCorsCommand(at)),
      client.send(new GetBucketEncryptionCommand(at)),
      client.send(new GetBucketPolicyCommand(at)),
      client.send(new GetBucketReplicationCommand(at)),
      client.send(new GetBucketWebsiteCommand(at)),
      client.send(new GetObjectLockConfigurationCommand(at)),
    ];

    const answers = await Promise.allSettled(questions);

    expect(
      answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as Error) : answer)),
    ).toMatchObject(
      [
        'NoSuchCORSConfiguration',
        'ServerSideEncryptionConfigurationNotFoundError',
        'NoSuchBucketPolicy',
        'ReplicationConfigurationNotFoundError',
        'NoSuchWebsiteConfiguration',
        'ObjectLockConfigurationNotFoundError',
      ].map((name) => ({ name, $metadata: { httpStatusCode: 404 } })),
    );
    expect(await client.send(new GetBucketLoggingCommand(at))).not.toHaveProperty('LoggingEnabled');
    expect(await client.send(new GetBucketAccelerateConfigurationCommand(at))).not.toHaveProperty(
      'Status',
    );
    expect(await client.send(new GetBucketRequestPaymentCommand(at))).toMatchObject({
      Payer: 'BucketOwner',
    });
    expect(await client.send(new GetBucketPolicyStatusCommand(at))).toMatchObject({
      PolicyStatus: { IsPublic: false },
    });
    await client.send(new DeleteBucketPolicyCommand(at));
  });

  it('has one owner who may do everything, and lets that be said', async () => {
    const { client } = fixture();
    const at = await freshBucket();

    await client.send(new PutBucketAclCommand({ ...at, ACL: 'private' }));
    await client.send(new PutObjectCommand({ ...at, Key: 'a', Body: 'x', ACL: 'private' }));
    const { Grants } = await client.send(new GetBucketAclCommand(at));

    expect(Grants).toMatchObject([
      { Grantee: { Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
    ]);
    const opening = client.send(new PutBucketAclCommand({ ...at, ACL: 'public-read' }));
    await expect(opening).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('takes requests that were signed for any region', async () => {
    const client = clientOf({ ...fixture().settings, AWS_REGION: 'eu-central-1' });
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;

    const { $metadata } = await client.send(
      new CreateBucketCommand({ Bucket: `far-${randomUUID()}`, CreateBucketConfiguration }),
    );

    expect($metadata.httpStatusCode).toBe(200);
    client.destroy();
  });

  it.each(['live', 'ready', 'cluster'])(
    'says without a signature that it is well: %s',
    async (page) => {
      const answer = await fetch(`${fixture().settings.S3_ENDPOINT}/minio/health/${page}`);

      expect(answer.status).toBe(200);
    },
  );
}
