import { GetBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';

import { RETENTION } from '../../../events/jobs/lifecycle.ts';
import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { expireObjects } from '../../../functions/runtime/object-store/expire-objects.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { minioBinary, startMinio } from '../../support/minio.ts';
import { clientOf } from '../../support/s3-client.ts';

const STORES: readonly [string, () => Promise<TestS3>, boolean][] = [
  ['the local stand-in', startLocalS3, false],
  ['MinIO', startMinio, minioBinary() === undefined],
];

it.each(STORES.filter(([, , isMissing]) => !isMissing))(
  'gives a bucket our rules and leaves those of others, on %s',
  async (_, start) => {
    const s3 = await start();
    onTestFinished(s3.stop);
    const settings = { ...s3.settings, AWS_SESSION_TOKEN: undefined };
    await createBucket(settings, 'data-test');

    await expireObjects(settings, 'data-test', [{ id: 'theirs', prefix: 'tmp/', days: 2 }]);
    await expireObjects(settings, 'data-test', RETENTION);
    await expireObjects(settings, 'data-test', RETENTION);

    const client = clientOf(s3);
    const { Rules = [] } = await client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: 'data-test' }),
    );
    client.destroy();
    const days = Rules.map(({ Filter, Expiration }) => [Filter?.Prefix, Expiration?.Days]);
    expect(Object.fromEntries(days)).toEqual({
      'tmp/': 2,
      ...Object.fromEntries(RETENTION.map((one) => [one.prefix, one.days])),
    });
    expect(Rules).toHaveLength(RETENTION.length + 1);
  },
);
