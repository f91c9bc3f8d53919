import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PartLine } from '../../../events/jobs/commit-part.ts';
import type { JobStatus } from '../../../events/jobs/job-status.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { postEvent } from '../../support/local-eventing.ts';
import { runProgram } from '../local/run-program.ts';
import type { RunningProgram } from '../local/run-program.ts';

const root = join(import.meta.dirname, '../../..');
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const VIRGINICA = { sepal_length: 6.3, sepal_width: 2.7, petal_length: 4.9, petal_width: 1.8 };

let dataDir: string;
let program: RunningProgram;
let broker: string;
let batch: string;
let store: ObjectStore;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-jobs-'));
  program = runProgram([join(root, 'test/fixtures/local/from-sources.ts')], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
    LOG_LEVEL: 'warn',
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  batch = `${router}/batch`;
  const status = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  broker = status.broker ?? '';
  store = openObjectStore(storeSettings(status.s3), status.buckets.data);
});

afterAll(async () => {
  store?.close();
  await program?.[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

async function ask(
  path: string,
  body?: unknown,
): Promise<{ status: number; location: string | null; json: Record<string, unknown> }> {
  const response = await fetch(`${batch}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, location: response.headers.get('location'), json };
}

/** The job's state once it is over; fails with what the processes wrote when it is not. */
async function over(id: string): Promise<JobStatus> {
  for (let round = 0; round < 3; round += 1) {
    const { json } = await ask(`/v1/batches/${id}?wait=20`);
    const status = json as unknown as JobStatus;
    if (status.finishedAt !== undefined) return status;
  }
  throw new Error(`The job ${id} does not end:\n${program.output()}`);
}

async function linesOf(id: string): Promise<PartLine[]> {
  const response = await fetch(`${batch}/v1/batches/${id}/results`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/x-ndjson',
  ]);
  const text = await response.text();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PartLine);
}

describe('batch jobs', () => {
  it('score lines of JSON on several processes, in order, with errors where they belong', async () => {
    const records = Array.from({ length: 2000 }, (_, n) =>
      n === 777
        ? '{"custom_id":"bad"}'
        : JSON.stringify({ custom_id: `r${n}`, ...(n % 2 === 0 ? FLOWER : VIRGINICA) }),
    );
    await store.put('in/flowers/a.jsonl', records.slice(0, 1500).join('\n'));
    await store.put('in/flowers/b.jsonl', records.slice(1500).join('\r\n'));
    const job = {
      model: { name: 'iris' },
      inputs: { format: 'jsonl', prefix: 'in/flowers/' },
      split: { chunkBytes: 65_536 },
    };

    const submitted = await ask('/v1/batches', job);

    const id = String(submitted.json['id']);
    expect(submitted).toMatchObject({ status: 201, location: `/v1/batches/${id}` });
    expect(await over(id)).toMatchObject({
      state: 'completed_with_errors',
      records: { ok: 1999, err: 1 },
      chunks: { total: 3, done: 3, running: 0 },
      model: { name: 'iris', version: '1' },
      error: null,
    });
    const lines = await linesOf(id);
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
    expect(await ask('/v1/batches', job)).toMatchObject({ status: 200, json: { id } });
    const { json } = await ask('/v1/batches?limit=1');
    expect(json).toMatchObject({ data: [{ id, state: 'completed_with_errors' }] });
    await expect.poll(() => store.head(`jobs/_active/${id}`)).toBeUndefined();
  });

  it('give what the route gives for the same flowers, from a CSV too', async () => {
    const golden = JSON.parse(await readFile(join(root, 'models/iris/golden.json'), 'utf8')) as {
      cases: { instances: (typeof FLOWER)[]; predictions: { prediction: string }[] }[];
    };
    const { instances, predictions } = golden.cases[0] ?? { instances: [], predictions: [] };
    const names = Object.keys(FLOWER) as (keyof typeof FLOWER)[];
    const rows = instances.map((one) => names.map((name) => one[name]).join(','));
    await store.put('in/golden.csv', `${names.join(',')}\r\n${rows.join('\r\n')}\r\n`);

    const { json } = await ask('/v1/batches', {
      jobId: 'golden-csv',
      model: { name: 'iris' },
      inputs: { format: 'csv', keys: ['in/golden.csv'] },
    });

    expect(json['id']).toBe('golden-csv');
    expect(await over('golden-csv')).toMatchObject({ state: 'completed' });
    const lines = await linesOf('golden-csv');
    expect(lines.map(({ output }) => (output as { prediction: string }).prediction)).toEqual(
      predictions.map(({ prediction }) => prediction),
    );
    expect(lines.length).toBeGreaterThan(2);
    expect(await store.head('jobs/golden-csv/_SUCCESS')).toBeDefined();
  });

  it.each([
    ['application/x-ndjson', `${JSON.stringify(FLOWER)}\n{"not":"a flower"}\n`],
    [
      'text/csv; charset=utf-8',
      `${Object.keys(FLOWER).join()}\n${Object.values(FLOWER).join()}\nx\n`,
    ],
  ])('can be made of records in a request of the type %s', async (type, body) => {
    const send = async (query: string): Promise<Response> =>
      await fetch(`${batch}/v1/batches${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const first = await send('?model=iris');
    const again = await send('?model=iris');
    const { id } = (await first.json()) as JobStatus;

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await over(id)).toMatchObject({ records: { ok: 1, err: 1 } });
    expect(await linesOf(id)).toMatchObject([
      { output: { prediction: 'setosa' } },
      { error: { code: 'INVALID_REQUEST' } },
    ]);
    expect((await send('')).status).toBe(400);
  });

  it('are made of requests whose callers do not wait', async () => {
    const send = async (path: string, body: unknown): Promise<Response> =>
      await fetch(`${batch.replace(/batch$/, 'iris')}${path}`, {
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
    expect(await over(id)).toMatchObject({ state: 'completed', records: { ok: 2, err: 0 } });
    expect(await linesOf(id)).toMatchObject([
      { output: { prediction: 'setosa' } },
      { output: { prediction: 'virginica' } },
    ]);
    // What is wrong with a request is said at once.
    expect((await send('/predict', { sepal_length: 1 })).status).toBe(400);
    expect((await send('/predict?x=1', FLOWER)).status).toBe(400);
  });

  it('can be cancelled before they end', async () => {
    await store.put('in/long.jsonl', `${JSON.stringify(FLOWER)}\n`.repeat(60_000));
    const { json } = await ask('/v1/batches', {
      jobId: 'cancelled-job',
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: ['in/long.jsonl'] },
      split: { chunkBytes: 65_536 },
      limits: { maxConcurrency: 1 },
    });
    expect(json['id']).toBe('cancelled-job');

    const answer = await ask('/v1/batches/cancelled-job/cancel', {});

    expect(answer.status).toBe(202);
    // What the tick does every few minutes: where nobody is at work any more, the job is over.
    const sweep = JSON.stringify({ jobId: 'cancelled-job', tenant: 'dev' });
    const headers = { 'ce-type': 'dev.pilotlight.job.cancelrequested.v1' };
    await expect
      .poll(
        async () => {
          await postEvent(broker, headers, sweep);
          return (await ask('/v1/batches/cancelled-job')).json['state'];
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('cancelled');
    const chunks = (await ask('/v1/batches/cancelled-job')).json['chunks'];
    expect(chunks).toMatchObject({ running: 0 });
  });

  it.each<[string, string, unknown, number, string]>([
    ['no JSON object', '/v1/batches', [], 400, 'INVALID_REQUEST'],
    [
      'inputs that are not there',
      '/v1/batches',
      { model: { name: 'iris' }, inputs: { format: 'jsonl', prefix: 'no/' } },
      400,
      'INVALID_REQUEST',
    ],
    [
      'another job under a known id',
      '/v1/batches',
      {
        jobId: 'golden-csv',
        model: { name: 'iris' },
        inputs: { format: 'csv', keys: ['in/golden.csv'] },
        split: { miniBatch: 1 },
      },
      409,
      'CONFLICT',
    ],
    [
      'a model that is not published',
      '/v1/batches',
      { model: { name: 'rose' }, inputs: { format: 'jsonl', prefix: 'in/' } },
      404,
      'MODEL_NOT_FOUND',
    ],
    ['a wait of an hour', '/v1/batches/golden-csv?wait=3600', undefined, 400, 'INVALID_REQUEST'],
    ['a page that is none', '/v1/batches?after=x', undefined, 400, 'INVALID_REQUEST'],
    ['a job that is not there', '/v1/batches/no-such-job', undefined, 404, 'NOT_FOUND'],
    ['an id that is none', '/v1/batches/_active', undefined, 404, 'NOT_FOUND'],
    ['results of no job', '/v1/batches/no-such-job/results', undefined, 404, 'NOT_FOUND'],
    ['a cancel of no job', '/v1/batches/no-such-job/cancel', {}, 404, 'NOT_FOUND'],
    ['a method that is none', '/v1/batches/golden-csv', {}, 405, 'METHOD_NOT_ALLOWED'],
  ])('refuse %s', async (_, path, body, status, code) => {
    const answer = await ask(path, body);

    expect([answer.status, (answer.json['error'] as { code: string }).code]).toEqual([
      status,
      code,
    ]);
  });
});

describe('dead letters', () => {
  it('are kept and can be sent again', async () => {
    const headers = {
      'ce-id': 'broken',
      'ce-source': '/test',
      'ce-type': 'dev.pilotlight.chunk.requested.v1',
      'ce-model': 'iris',
    };
    await postEvent(broker, headers, '{"chunk":"none"}');

    const letters = async (): Promise<{ name: string; storedAt: string }[]> =>
      ((await ask('/v1/dead-letters')).json as { data: { name: string; storedAt: string }[] }).data;
    await expect.poll(async () => (await letters()).length, { timeout: 30_000 }).toBe(1);
    const [letter] = await letters();
    expect(letter).toMatchObject({ id: 'broken', source: '/test', status: 400 });

    const replayed = await ask(`/v1/dead-letters/${letter?.name}/replay`, {});

    expect(replayed).toMatchObject({ status: 202, json: { id: 'broken' } });
    // It is as broken as before, and so comes back.
    await expect
      .poll(async () => (await letters())[0]?.storedAt ?? '', { timeout: 30_000 })
      .not.toMatch(new RegExp(`^(${letter?.storedAt})?$`));
    expect((await ask(`/v1/dead-letters/${'0'.repeat(64)}/replay`, {})).status).toBe(404);
  });
});
