import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { postEvent } from '../../support/local-eventing.ts';
import { startJobs } from './running-jobs.ts';
import type { RunningJobs } from './running-jobs.ts';

const GOLDEN = {
  jobId: 'known-job',
  model: { name: 'iris' },
  inputs: { format: 'jsonl', keys: ['in/a.jsonl'] },
};

let jobs: RunningJobs;
beforeAll(async () => {
  jobs = await startJobs();
  await jobs.store.put('in/a.jsonl', '{}');
  await jobs.ask('/v1/batches', GOLDEN);
});
afterAll(() => jobs?.[Symbol.asyncDispose]());

describe('batch', () => {
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
      { ...GOLDEN, split: { miniBatch: 1 } },
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
    [
      'a key that no store takes',
      '/v1/batches',
      { ...GOLDEN, jobId: 'odd-keys-1', inputs: { format: 'jsonl', keys: ['in/../../x'] } },
      400,
      'INVALID_REQUEST',
    ],
    [
      'a key with a control character',
      '/v1/batches',
      { ...GOLDEN, jobId: 'odd-keys-2', inputs: { format: 'jsonl', keys: ['in/\u0000x'] } },
      400,
      'INVALID_REQUEST',
    ],
    ['a wait that is no number', '/v1/batches/known-job?wait=x', undefined, 400, 'INVALID_REQUEST'],
    ['a wait of an hour', '/v1/batches/known-job?wait=3600', undefined, 400, 'INVALID_REQUEST'],
    ['a page that is none', '/v1/batches?after=x', undefined, 400, 'INVALID_REQUEST'],
    ['a job that is not there', '/v1/batches/no-such-job', undefined, 404, 'NOT_FOUND'],
    ['an id that is none', '/v1/batches/_active', undefined, 404, 'NOT_FOUND'],
    ['results of no job', '/v1/batches/no-such-job/results', undefined, 404, 'NOT_FOUND'],
    ['a cancel of no job', '/v1/batches/no-such-job/cancel', {}, 404, 'NOT_FOUND'],
    ['a method that is none', '/v1/batches/known-job', {}, 405, 'METHOD_NOT_ALLOWED'],
  ])('refuses %s', async (_, path, body, status, code) => {
    const answer = await jobs.ask(path, body);

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
    await postEvent(jobs.broker, headers, '{"chunk":"none"}');

    const letters = async (): Promise<{ name: string; storedAt: string }[]> =>
      ((await jobs.ask('/v1/dead-letters')).json as { data: { name: string; storedAt: string }[] })
        .data;
    await expect.poll(async () => (await letters()).length, { timeout: 30_000 }).toBe(1);
    const [letter] = await letters();
    expect(letter).toMatchObject({ id: 'broken', source: '/test', status: 400 });

    const replayed = await jobs.ask(`/v1/dead-letters/${letter?.name}/replay`, {});

    expect(replayed).toMatchObject({ status: 202, json: { id: 'broken' } });
    // It is as broken as before, and so comes back.
    await expect
      .poll(async () => (await letters())[0]?.storedAt ?? '', { timeout: 30_000 })
      .not.toMatch(new RegExp(`^(${letter?.storedAt})?$`));
    expect((await jobs.ask(`/v1/dead-letters/${'0'.repeat(64)}/replay`, {})).status).toBe(404);
  });
});
