import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { QueueConfiguration, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { startChild } from '../../support/stand-in-child.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import type { Received, WebhookReceiver } from '../../support/webhook-receiver.ts';
import { clientOf } from './fixture.ts';

const Bucket = 'data-acme';
const QueueArn = 'arn:minio:sqs::HOOK:webhook';
const CREATED: QueueConfiguration = { QueueArn, Events: ['s3:ObjectCreated:*'] };

async function startWith(receiver: WebhookReceiver): Promise<{
  readonly client: S3Client;
  readonly stop: () => Promise<void>;
}> {
  const s3 = await startLocalS3({
    webhooks: [
      { name: 'HOOK', endpoint: receiver.url },
      { name: 'SECOND', endpoint: receiver.url, authToken: 'Basic abc' },
    ],
    webhookRetryMs: 20,
  });
  const client = clientOf(s3.settings);
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    client,
    stop: async () => {
      client.destroy();
      await s3.stop();
    },
  };
}

async function setRules(client: S3Client, rules: QueueConfiguration[]): Promise<void> {
  const NotificationConfiguration = { QueueConfigurations: rules };
  await client.send(
    new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
  );
}

async function put(client: S3Client, Key: string, Body = 'x'): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket, Key, Body }));
}

/** Keys of the events that were taken, in their order. */
function taken(received: readonly Received[]): string[] {
  return received.filter(({ status }) => status === 200).map(({ body }) => keyIn(body));
}

function keyIn(body: string): string {
  return (JSON.parse(body) as { Key: string }).Key.slice(Bucket.length + 1);
}

it('tells of what the rules cover, once for each target', async () => {
  await using receiver = await startWebhookReceiver();
  const { client, stop } = await startWith(receiver);
  const rules: QueueConfiguration[] = [
    {
      Id: 'inputs',
      QueueArn,
      Events: ['s3:ObjectCreated:Put', 's3:ObjectCreated:Copy'],
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: 'in/é +/' },
            { Name: 'suffix', Value: '.jsonl' },
          ],
        },
      },
    },
    {
      Id: 'again',
      QueueArn,
      Events: ['s3:ObjectCreated:Put'] as const,
      Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: 'a.jsonl' }] } },
    },
    {
      Id: 'other',
      QueueArn: 'arn:minio:sqs:eu-west-1:SECOND:webhook',
      Events: ['s3:ObjectRemoved:*'],
    },
  ];

  await setRules(client, rules);
  const kept = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  for (const key of ['in/é +/a.jsonl', 'in/é +/b.csv', 'in/c.jsonl', 'in/é +/d.jsonl']) {
    await put(client, key);
  }
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'in/c.jsonl' }));
  await receiver.until(({ length }) => length >= 3);
  await stop();

  expect(kept.QueueConfigurations).toEqual(rules);
  expect(taken(receiver.received).toSorted()).toEqual([
    'in/c.jsonl',
    'in/é +/a.jsonl',
    'in/é +/d.jsonl',
  ]);
  const removal = receiver.received.find(({ body }) => body.includes('ObjectRemoved'));
  expect(removal?.headers['authorization']).toBe('Basic abc');
});

it.each<[what: string, code: string, rule: QueueConfiguration]>([
  [
    'a target that does not exist',
    'InvalidArgument',
    { ...CREATED, QueueArn: 'arn:minio:sqs::NONE:webhook' },
  ],
  [
    'an event that does not exist',
    'InvalidArgument',
    { QueueArn, Events: ['s3:ReducedRedundancyLostObject'] },
  ],
  [
    'two suffixes',
    'InvalidArgument',
    {
      ...CREATED,
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'suffix', Value: 'a' },
            { Name: 'suffix', Value: 'b' },
          ],
        },
      },
    },
  ],
])('refuses a rule with %s, and keeps the rules there were', async (_, name, rule) => {
  await using receiver = await startWebhookReceiver();
  const { client, stop } = await startWith(receiver);
  await setRules(client, [CREATED]);

  await expect(setRules(client, [rule])).rejects.toMatchObject({ name });

  const kept = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  expect(kept.QueueConfigurations).toEqual([CREATED]);
  await stop();
});

it('sends again what was not taken, without holding up other objects', async () => {
  await using receiver = await startWebhookReceiver((body) => {
    return keyIn(body) === 'poison' && !isHealed ? 400 : 200;
  });
  let isHealed = false;
  const { client, stop } = await startWith(receiver);
  await setRules(client, [CREATED]);

  await put(client, 'poison', 'first');
  await put(client, 'poison', 'the second');
  const others = Array.from({ length: 20 }, (_, n) => `good/${n}`);
  for (const key of others) await put(client, key);
  await receiver.until((received) => taken(received).length === others.length);
  const refused = receiver.received.filter(({ status }) => status === 400);
  isHealed = true;
  await receiver.until((received) => taken(received).length === others.length + 2);
  await stop();

  expect(refused.length).toBeGreaterThan(0);
  const poison = receiver.received.filter(({ body }) => keyIn(body) === 'poison');
  const sizes = poison.map(({ body }) => /"size":(\d+)/.exec(body)?.[1]);
  expect(sizes).toEqual([...Array<string>(sizes.length - 1).fill('5'), '10']);
  const ids = poison.slice(0, -1).map(({ body }) => /"x-amz-request-id":"(\w+)"/.exec(body)?.[1]);
  expect(new Set(ids).size, 'a repeated event is the same event').toBe(1);
});

it('has sequencers that rise with the changes of a key, which arrive in that order', async () => {
  await using receiver = await startWebhookReceiver();
  const { client, stop } = await startWith(receiver);
  await setRules(client, [{ QueueArn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }]);

  await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      n % 4 === 3
        ? client.send(new DeleteObjectCommand({ Bucket, Key: 'contended' }))
        : put(client, 'contended', String(n)),
    ),
  );
  await receiver.until(({ length }) => length >= 24);
  await stop();

  const sequencers = receiver.received.map(({ body }) => {
    return Number(BigInt(`0x${/"sequencer":"(\w+)"/.exec(body)?.[1]}`) % 1_000_000_000_000_000n);
  });
  expect(sequencers).toEqual(sequencers.toSorted((one, other) => one - other));
  expect(new Set(sequencers).size).toBe(24);
});

it('kill -9 loses no event of a write that was acknowledged', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-events-'));
  // Takes nothing until the server has died once.
  let isUp = false;
  await using receiver = await startWebhookReceiver(() => (isUp ? 200 : 503));
  const acknowledged: string[] = [];
  {
    await using server = await startChild(dataDir, receiver.url);
    const client = clientOf(server.settings);
    await client.send(new CreateBucketCommand({ Bucket }));
    await setRules(client, [CREATED]);
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; ; n++) {
        await put(client, `${writer}/${n}`);
        acknowledged.push(`${writer}/${n}`);
        if (acknowledged.length === 40) server.child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(writers);
    client.destroy();
  }

  isUp = true;
  await using again = await startChild(dataDir, receiver.url);
  await receiver.until((received) => {
    const keys = new Set(taken(received));
    return acknowledged.every((key) => keys.has(key));
  });

  expect(acknowledged.length).toBeGreaterThanOrEqual(40);
  await again[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});
