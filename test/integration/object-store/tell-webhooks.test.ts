import { expect, it, onTestFinished } from 'vitest';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { tellWebhooks } from '../../../functions/runtime/object-store/tell-webhooks.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { minioBinary, startMinio } from '../../support/minio.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const TOKEN = 'token-of-the-test';
const NAMES = ['FIRST', 'SECOND'];

const STORES: readonly [string, (url: string) => Promise<TestS3>, boolean][] = [
  [
    'the local stand-in',
    (endpoint) =>
      startLocalS3({ webhooks: NAMES.map((name) => ({ name, endpoint, authToken: TOKEN })) }),
    false,
  ],
  ['MinIO', (url) => startMinio(webhookSettings(url)), minioBinary() === undefined],
];

function webhookSettings(url: string): Record<string, string> {
  const settings = NAMES.flatMap((name) => [
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`, 'on'],
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`, url],
    [`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${name}`, TOKEN],
  ]);
  return Object.fromEntries(settings) as Record<string, string>;
}

it.each(STORES.filter(([, , isMissing]) => !isMissing))(
  'has a bucket tell of new objects below a prefix, and of no others, on %s',
  async (_, start) => {
    await using receiver = await startWebhookReceiver();
    const s3 = await start(receiver.url);
    onTestFinished(s3.stop);
    const settings = { ...s3.settings, AWS_SESSION_TOKEN: undefined };
    await createBucket(settings, 'data-test');
    const rule = (name: string, prefix: string) => ({
      id: name.toLowerCase(),
      arn: `arn:minio:sqs::${name}:webhook`,
      prefix,
    });

    await tellWebhooks(settings, 'data-test', [rule('FIRST', 'elsewhere/')]);
    await tellWebhooks(settings, 'data-test', [rule('SECOND', 'wrong/')]);
    await tellWebhooks(settings, 'data-test', [rule('SECOND', 'in/ä +/')]);

    const store = openObjectStore(settings, 'data-test');
    for (const key of ['wrong/a', 'out/b', 'in/ä +/c', 'elsewhere/d']) await store.put(key, key);
    store.close();
    await receiver.until(({ length }) => length >= 2);
    const told = receiver.received.map(({ body }) => (JSON.parse(body) as { Key: string }).Key);
    expect(told.toSorted()).toEqual(['data-test/elsewhere/d', 'data-test/in/ä +/c']);
    expect(receiver.received[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    await expect(tellWebhooks(settings, 'data-test', [rule('THIRD', '')])).rejects.toThrow(
      ObjectStoreError,
    );
  },
);
