import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { JobStatus } from '../../../events/jobs/job-status.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { publishModel } from '../../../scripts/models/publish-model.ts';
import { postEvent } from '../../support/local-eventing.ts';
import { startJobs } from './running-jobs.ts';
import type { RunningJobs } from './running-jobs.ts';

const root = join(import.meta.dirname, '../../..');
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const VIRGINICA = { sepal_length: 6.3, sepal_width: 2.7, petal_length: 4.9, petal_width: 1.8 };

let jobs: RunningJobs;
beforeAll(async () => {
  jobs = await startJobs();
});
afterAll(() => jobs?.[Symbol.asyncDispose]());

describe('batch jobs', () => {
  it('score lines of JSON on several processes, in order, with errors where they belong', async () => {
    const records = Array.from({ length: 2000 }, (_, n) =>
      n === 777
        ? '{"custom_id":"bad"}'
        : JSON.stringify({ custom_id: `r${n}`, ...(n % 2 === 0 ? FLOWER : VIRGINICA) }),
    );
    await jobs.store.put('in/flowers/a.jsonl', records.slice(0, 1500).join('\n'));
    await jobs.store.put('in/flowers/b.jsonl', records.slice(1500).join('\r\n'));
    const job = {
      model: { name: 'iris', version: '1' },
      inputs: { format: 'jsonl', prefix: 'in/flowers/' },
      split: { chunkBytes: 65_536 },
    };

    const submitted = await jobs.ask('/v1/batches', job);

    const id = String(submitted.json['id']);
    expect(submitted).toMatchObject({ status: 201, location: `/v1/batches/${id}` });
    expect(await jobs.over(id)).toMatchObject({
      state: 'completed_with_errors',
      records: { ok: 1999, err: 1 },
      chunks: { total: 3, done: 3, running: 0 },
      model: { name: 'iris', version: '1' },
      error: null,
    });
    const lines = await jobs.linesOf(id);
    expect(lines.map((line) => line.id)).toEqual(
      records.map((_, n) => (n === 777 ? 'bad' : `r${n}`)),
    );
    expect(lines[0]).toMatchObject({ offset: 0, output: { prediction: 'setosa' } });
    expect(lines[1]?.output).toMatchObject({ prediction: 'virginica' });
    expect(lines[777]).toMatchObject({
      key: 'in/flowers/a.jsonl',
      error: { code: 'INVALID_REQUEST', retriable: false },
    });

    // The same again is the same job, and it is the newest of the list.
    expect(await jobs.ask('/v1/batches', job)).toMatchObject({ status: 200, json: { id } });
    const { json } = await jobs.ask('/v1/batches?limit=1');
    expect(json).toMatchObject({ data: [{ id, state: 'completed_with_errors' }] });
    await expect.poll(() => jobs.store.head(`jobs/_active/${id}`)).toBeUndefined();
  });

  it('give what the route gives for the same flowers, from a CSV too', async () => {
    const golden = JSON.parse(await readFile(join(root, 'models/iris/golden.json'), 'utf8')) as {
      cases: { instances: (typeof FLOWER)[]; predictions: { prediction: string }[] }[];
    };
    const { instances, predictions } = golden.cases[0] ?? { instances: [], predictions: [] };
    const names = Object.keys(FLOWER) as (keyof typeof FLOWER)[];
    const rows = instances.map((one) => names.map((name) => one[name]).join(','));
    await jobs.store.put('in/golden.csv', `${names.join(',')}\r\n${rows.join('\r\n')}\r\n`);

    const { json } = await jobs.ask('/v1/batches', {
      jobId: 'golden-csv',
      model: { name: 'iris' },
      inputs: { format: 'csv', keys: ['in/golden.csv'] },
    });

    expect(json['id']).toBe('golden-csv');
    expect(await jobs.over('golden-csv')).toMatchObject({ state: 'completed' });
    const lines = await jobs.linesOf('golden-csv');
    expect(lines.map(({ output }) => (output as { prediction: string }).prediction)).toEqual(
      predictions.map(({ prediction }) => prediction),
    );
    expect(lines.length).toBeGreaterThan(2);
    expect(await jobs.store.head('jobs/golden-csv/_SUCCESS')).toBeDefined();
  });

  it('read the version that a manifest names, though the object is another one by now', async () => {
    const client = new S3Client({
      endpoint: jobs.s3.endpoint,
      region: jobs.s3.region,
      forcePathStyle: true,
      credentials: jobs.s3,
    });
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(
      new PutBucketVersioningCommand({ Bucket: jobs.store.bucket, VersioningConfiguration }),
    );
    client.destroy();
    const { versionId } = await jobs.store.put('in/moving.jsonl', JSON.stringify(FLOWER));
    await jobs.store.put('in/moving.jsonl', JSON.stringify(VIRGINICA));
    const manifest = [{ key: 'in/moving.jsonl', versionId }, { key: 'in/moving.jsonl' }];
    await jobs.store.put('in/list', manifest.map((one) => JSON.stringify(one)).join('\n'));

    const { json } = await jobs.ask('/v1/batches', {
      model: { name: 'iris' },
      inputs: { format: 'jsonl', manifest: { key: 'in/list' } },
    });

    const id = String(json['id']);
    expect(await jobs.over(id)).toMatchObject({ state: 'completed' });
    expect(await jobs.linesOf(id)).toMatchObject([
      { output: { prediction: 'setosa' } },
      { output: { prediction: 'virginica' } },
    ]);
  });

  it.each([
    ['application/x-ndjson', `${JSON.stringify(FLOWER)}\n{"not":"a flower"}\n`],
    [
      'text/csv; charset=utf-8',
      `${Object.keys(FLOWER).join()}\n${Object.values(FLOWER).join()}\nx\n`,
    ],
  ])('can be made of records in a request of the type %s', async (type, body) => {
    const send = async (query: string): Promise<Response> =>
      await fetch(`${jobs.batch}/v1/batches${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const first = await send('?model=iris');
    const again = await send('?model=iris');
    const { id } = (await first.json()) as JobStatus;

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await jobs.over(id)).toMatchObject({ records: { ok: 1, err: 1 } });
    expect(await jobs.linesOf(id)).toMatchObject([
      { output: { prediction: 'setosa' } },
      { error: { code: 'INVALID_REQUEST' } },
    ]);
    expect((await send('')).status).toBe(400);
  });

  it('are made of requests whose callers do not wait', async () => {
    const send = async (path: string, body: unknown): Promise<Response> =>
      await fetch(`${jobs.batch.replace(/batch$/, 'iris')}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'respond-async' },
        body: JSON.stringify(body),
      });

    const one = await send('/predict', FLOWER);
    const two = await send('/infer', { instances: [FLOWER, VIRGINICA] });

    expect([one.status, two.status]).toEqual([202, 202]);
    expect(one.headers.get('preference-applied')).toBe('respond-async');
    const location = two.headers.get('location') ?? '';
    const { id } = (await two.json()) as JobStatus;
    expect(location.endsWith(`/batch/v1/batches/${id}`)).toBe(true);
    expect((await fetch(location)).status).toBe(200);
    expect(await jobs.over(id)).toMatchObject({ state: 'completed', records: { ok: 2, err: 0 } });
    expect(await jobs.linesOf(id)).toMatchObject([
      { output: { prediction: 'setosa' } },
      { output: { prediction: 'virginica' } },
    ]);
    // What is wrong with a request is said at once.
    expect((await send('/predict', { sepal_length: 1 })).status).toBe(400);
    expect((await send('/predict?x=1', FLOWER)).status).toBe(400);
  });

  it('are scored by the version that they pin, whatever is served', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pilotlight-iris-2-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    await cp(join(root, 'models/iris'), dir, { recursive: true });
    const manifest = JSON.parse(await readFile(join(dir, 'model.json'), 'utf8')) as object;
    const text = JSON.stringify({ ...manifest, version: 2 });
    await writeFile(join(dir, 'model.json'), text);
    const models = openObjectStore(storeSettings(jobs.s3), 'models');
    await publishModel({ store: models, dir });
    models.close();
    await jobs.store.put('in/pinned.jsonl', `${JSON.stringify(VIRGINICA)}\n`.repeat(2000));

    const { json } = await jobs.ask('/v1/batches', {
      jobId: 'pinned-job',
      // The Services run version 1; this is the newest.
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: ['in/pinned.jsonl'] },
      split: { chunkBytes: 65_536 },
    });

    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    expect(json).toMatchObject({ model: { name: 'iris', version: '2', digest } });
    expect(await jobs.over('pinned-job')).toMatchObject({
      state: 'completed',
      records: { ok: 2000 },
    });
    const part = await jobs.store.head('jobs/pinned-job/out/part-000000.jsonl');
    expect(part?.user['model']).toBe(digest);
  });

  it('can be cancelled before they end', async () => {
    await jobs.store.put('in/long.jsonl', `${JSON.stringify(FLOWER)}\n`.repeat(60_000));
    const { json } = await jobs.ask('/v1/batches', {
      jobId: 'cancelled-job',
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: ['in/long.jsonl'] },
      split: { chunkBytes: 65_536 },
      limits: { maxConcurrency: 1 },
    });
    expect(json['id']).toBe('cancelled-job');

    const answer = await jobs.ask('/v1/batches/cancelled-job/cancel', {});

    expect(answer.status).toBe(202);
    // What the tick does every few minutes: where nobody is at work any more, the job is over.
    const sweep = JSON.stringify({ jobId: 'cancelled-job', tenant: 'dev' });
    const headers = { 'ce-type': 'dev.pilotlight.job.cancelrequested.v1' };
    await expect
      .poll(
        async () => {
          await postEvent(jobs.broker, headers, sweep);
          return (await jobs.ask('/v1/batches/cancelled-job')).json['state'];
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('cancelled');
    const chunks = (await jobs.ask('/v1/batches/cancelled-job')).json['chunks'];
    expect(chunks).toMatchObject({ running: 0 });
  });
});
