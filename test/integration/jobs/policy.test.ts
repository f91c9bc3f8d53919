import { expect, it, onTestFinished } from 'vitest';

import { storeDeadLetter } from '../../../events/dead-letters/dead-letters.ts';
import { createJob } from '../../../events/jobs/create-job.ts';
import { probeStore } from '../../../events/jobs/probe-store.ts';
import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { ensureUser } from '../../../scripts/deploy/minio-admin.ts';
import { runJobs } from '../../../scripts/deploy/policies.ts';
import { jobWorld } from '../../support/jobs/job-world.ts';
import { jsonLines, outputOf, testSpec } from '../../support/jobs/test-job.ts';
import { timedStore } from '../../support/jobs/timed-store.ts';
import { virtualClock } from '../../support/jobs/virtual-clock.ts';
import { isMinioRequired, minioBinary, startMinio } from '../../support/minio.ts';
import { unfinishedUploads } from '../../support/unfinished-uploads.ts';

const KEYS = {
  accessKeyId: 'jobs-of-test',
  secretAccessKey: 'a-secret-of-forty-characters-at-most',
};

it.skipIf(minioBinary() === undefined && !isMinioRequired())(
  'the policy of s3-data lets a job run from start to end on MinIO, and nothing else be changed',
  async () => {
    const minio = await startMinio();
    onTestFinished(minio.stop);
    const root = { ...minio.settings, AWS_SESSION_TOKEN: undefined };
    for (const bucket of ['data-test', 'data-other', 'models']) await createBucket(root, bucket);
    await ensureUser(
      {
        endpoint: root.S3_ENDPOINT,
        accessKeyId: root.AWS_ACCESS_KEY_ID,
        secretAccessKey: root.AWS_SECRET_ACCESS_KEY,
      },
      { ...KEYS, policyName: 'run-jobs-data-test', policy: runJobs('data-test') },
    );
    const settings = {
      ...root,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    };
    const [owner, own, other, models] = [
      openObjectStore(root, 'data-test'),
      openObjectStore(settings, 'data-test'),
      openObjectStore(settings, 'data-other'),
      openObjectStore(settings, 'models'),
    ];
    const records = Array.from({ length: 100 }, (_, n) => ({ n, padding: 'x'.repeat(2000) }));
    await owner.put('in/a.jsonl', jsonLines(records));

    const clock = virtualClock(Date.UTC(2026, 0, 1));
    const store = timedStore(own, clock.now);
    const world = jobWorld({ store, clock });
    const spec = testSpec({ split: { chunkBytes: 65_536 } });
    await createJob(world.context('client'), () => spec);
    expect(await world.run(spec.jobId)).toBe(true);
    expect((await outputOf(store, spec.jobId)).result).toMatchObject({
      state: 'completed',
      ok: 100,
    });
    expect(await own.head(`jobs/_active/${spec.jobId}`)).toBeUndefined();
    await probeStore({ store: own, nonce: () => 'once' });
    const event = { id: '1', source: '/test', type: 'test' };
    await storeDeadLetter(own, { event, storedAt: new Date(0).toISOString() });
    await own.put('out/iris/a.jsonl/1/predictions.jsonl', '{}\n', { ifNoneMatch: '*' });
    // In parts: written once, and given up where it was written before.
    const inParts = 'out/iris/a.jsonl/2/predictions.jsonl';
    await own.putStream(inParts, large(), { ifNoneMatch: '*' });
    await expect(own.putStream(inParts, large(), { ifNoneMatch: '*' })).rejects.toThrow('412');
    expect(await unfinishedUploads(root, 'data-test', inParts)).toEqual([]);
    expect(await Array.fromAsync(models.list({ prefix: '_shared/' }))).toEqual([]);

    const denied = [
      own.put('in/a.jsonl', 'changed'),
      own.delete('in/a.jsonl'),
      own.delete(`jobs/${spec.jobId}/out/part-000000.jsonl`),
      own.delete('out/iris/a.jsonl/1/predictions.jsonl'),
      models.put('_shared/iris/1/model.json', '{}'),
      other.put('jobs/x', '{}'),
      Array.fromAsync(other.list({ prefix: '' })),
    ];
    for (const one of await Promise.allSettled(denied)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { status: 403 } });
    }
    for (const one of [owner, own, other, models]) one.close();
  },
);

async function* large(): AsyncGenerator<Buffer, void> {
  for (let mebibytes = 0; mebibytes < 17; mebibytes += 1) yield Buffer.alloc(1024 * 1024);
}
