import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Event, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { clientOf } from './fixture.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/minio-webhooks');
const ACME = 'data-acme';
const VERSIONED = 'data-versioned';
// The last is MinIO's own, which the SDK's types do not know.
const EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectAccessed:Head'] as Event[];
const FLOWERS = 'in/iris/flowers.jsonl';

/** Two kinds of difference: values of the moment, whose form is compared, and of another server. */
const FORMS: Readonly<Record<string, RegExp>> = {
  eventTime: /^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  sequencer: /^[0-9A-F]{16}$/,
  'x-amz-request-id': /^[0-9A-F]{16}$/,
  'x-amz-id-2': /^[0-9a-f]{64}$/,
  'x-minio-deployment-id': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'x-minio-origin-endpoint': /^http:\/\/127\.0\.0\.1:\d+$/,
  // A document of theirs and one of ours say the same in other lengths.
  'content-length': /^\d+$/,
  userAgent: /^aws-sdk-js\/3\./,
};
const VERSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it('webhooks get, field by field, what MinIO sends for the same calls', async () => {
  await using receiver = await startWebhookReceiver();
  const s3 = await startLocalS3({
    accessKeyId: 'pilotlight',
    webhooks: [{ name: 'DIRECT', endpoint: receiver.url, authToken: 'test-token' }],
  });
  const client = clientOf(s3.settings);
  await prepare(client, ACME);
  await prepare(client, VERSIONED);
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: VERSIONED, VersioningConfiguration }));

  const names: string[] = [];
  for (const [name, act] of actions(client)) {
    const before = receiver.received.length;
    await act();
    // Those of one request may come in any order.
    const golden = (await goldenOf(name)).toSorted(byKey);
    await receiver.until(({ length }) => length >= before + golden.length);
    const ours = receiver.received
      .slice(before)
      .map(({ method, path, headers, body }) => ({
        request: { method, path, headers },
        body: JSON.parse(body) as Body,
      }))
      .toSorted(byKey);

    expect(
      ours.map(({ body }) => masked(body)),
      name,
    ).toEqual(golden.map(({ body }) => masked(body)));
    for (const { request, body } of ours) {
      expect(request).toMatchObject({
        method: 'POST',
        path: '/s3-events',
        headers: {
          authorization: 'Bearer test-token',
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(JSON.stringify(body))),
        },
      });
    }
    names.push(name);
  }

  expect(names).toHaveLength(16);
  client.destroy();
  await s3.stop();
});

/** The same calls that were made of MinIO, by the names of the fixtures. */
function actions(client: S3Client): [name: string, act: () => Promise<unknown>][] {
  const put = (Key: string, options: Partial<PutObjectCommandInput> = {}): Promise<unknown> =>
    client.send(
      new PutObjectCommand({
        Bucket: ACME,
        Key,
        Body: Buffer.from('{"instances":[[5.1,3.5,1.4,0.2]]}\n'),
        ContentType: 'application/jsonl',
        ...options,
      }),
    );
  const empty = { Body: Buffer.alloc(0) };
  let VersionId: string | undefined;
  return [
    ['put', () => put(FLOWERS, { Metadata: { team: 'flora' } })],
    ['put-conditional', () => put('in/iris/once.jsonl', { IfNoneMatch: '*' })],
    ['put-key-special', () => put('in/iris/mein Blumen + été & 100% (1).jsonl')],
    ['put-key-unicode', () => put('in/iris/花-🌸-e\u0301.jsonl')],
    ['put-empty', () => put('in/iris/empty.jsonl', empty)],
    ['put-folder-marker', () => put('in/folder/', empty)],
    ['multipart-complete', () => uploadInParts(client)],
    [
      'copy',
      () => {
        const CopySource = `${ACME}/${FLOWERS}`;
        return client.send(
          new CopyObjectCommand({ Bucket: ACME, Key: 'in/iris/copy.jsonl', CopySource }),
        );
      },
    ],
    [
      'tagging',
      () => {
        const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
        return client.send(new PutObjectTaggingCommand({ Bucket: ACME, Key: FLOWERS, Tagging }));
      },
    ],
    ['head', () => client.send(new HeadObjectCommand({ Bucket: ACME, Key: FLOWERS }))],
    [
      'delete',
      () => client.send(new DeleteObjectCommand({ Bucket: ACME, Key: 'in/iris/copy.jsonl' })),
    ],
    [
      'delete-missing',
      () => client.send(new DeleteObjectCommand({ Bucket: ACME, Key: 'in/iris/never' })),
    ],
    [
      'delete-batch',
      () => {
        const Objects = [{ Key: 'in/iris/once.jsonl' }, { Key: 'in/iris/empty.jsonl' }];
        return client.send(new DeleteObjectsCommand({ Bucket: ACME, Delete: { Objects } }));
      },
    ],
    [
      'versioned-put',
      async () => {
        ({ VersionId } = (await put(FLOWERS, { Bucket: VERSIONED })) as { VersionId?: string });
      },
    ],
    [
      'versioned-delete-marker',
      () => client.send(new DeleteObjectCommand({ Bucket: VERSIONED, Key: FLOWERS })),
    ],
    [
      'versioned-delete-version',
      () => client.send(new DeleteObjectCommand({ Bucket: VERSIONED, Key: FLOWERS, VersionId })),
    ],
  ];
}

async function prepare(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Id: 'all',
            QueueArn: 'arn:minio:sqs::DIRECT:webhook',
            Events: EVENTS,
          },
        ],
      },
    }),
  );
}

async function uploadInParts(client: S3Client): Promise<void> {
  const at = { Bucket: ACME, Key: 'in/iris/big.jsonl' };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...at, ContentType: 'application/jsonl' }),
  );
  const Parts = [];
  for (const [index, Body] of [Buffer.alloc(5 << 20, 'a'), Buffer.from('b')].entries()) {
    const PartNumber = index + 1;
    const { ETag } = await client.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber, Body }),
    );
    Parts.push({ ETag, PartNumber });
  }
  await client.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  );
}

interface Body {
  readonly Key: string;
}

async function goldenOf(name: string): Promise<{ readonly body: Body }[]> {
  const files = name === 'delete-batch' ? [`${name}-1`, `${name}-2`] : [name];
  return Promise.all(
    files.map(async (file) => {
      // The fixtures have this form.
      return JSON.parse(await readFile(join(FIXTURES, `${file}.json`), 'utf8')) as { body: Body };
    }),
  );
}

function byKey(one: { readonly body: Body }, other: { readonly body: Body }): number {
  return one.body.Key < other.body.Key ? -1 : 1;
}

/** With the form in place of each value that cannot be the same. */
function masked(body: Body): unknown {
  return JSON.parse(JSON.stringify(body), (name: string, value: unknown) => {
    const form = name === 'versionId' && value !== 'null' ? VERSION_ID : FORMS[name];
    return form !== undefined && form.test(String(value)) ? `like ${form.source}` : value;
  });
}
