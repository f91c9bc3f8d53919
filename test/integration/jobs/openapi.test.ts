import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SETOSA, ask } from '../../support/http-client.ts';
import { readApi } from '../../support/openapi.ts';
import type { ApiChecker, Operation } from '../../support/openapi.ts';
import { startJobs } from './running-jobs.ts';
import type { RunningJobs } from './running-jobs.ts';

let jobs: RunningJobs;
let api: ApiChecker;
const operation = (method: string, path: string): Operation => {
  const found = api.document.paths[path]?.[method];
  if (found === undefined) throw new Error(`There is no ${method} ${path}`);
  return found;
};

beforeAll(async () => {
  jobs = await startJobs();
  await jobs.store.put('in/nightly/a.jsonl', `${JSON.stringify(SETOSA)}\n{"no": "flower"}\n`);
  api = await readApi(jobs.batch);
});
afterAll(() => jobs?.[Symbol.asyncDispose]());

describe('/openapi.json of batch', () => {
  it('has an example that makes a job, and says what each route answers of it', async () => {
    const submit = operation('post', '/v1/batches');
    const { schema, examples = {} } = submit.requestBody?.content['application/json'] ?? {};
    const [{ value }] = Object.values(examples) as [{ value: { jobId: string } }];
    api.expectValid(schema, value);
    const send = async (): Promise<number> => {
      const answer = await ask(`${jobs.batch}/v1/batches`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(value),
      });
      api.expectDescribed(submit, answer);
      return answer.status;
    };

    expect([await send(), await send()]).toEqual([201, 200]);
    expect((await jobs.over(value.jobId)).state).toBe('completed_with_errors');

    for (const path of ['/v1/batches', `/v1/batches/{id}`, '/v1/dead-letters', '/info']) {
      const answer = await ask(jobs.batch + path.replace('{id}', value.jobId));
      expect(answer.status).toBe(200);
      api.expectDescribed(operation('get', path), answer);
    }
    const lines = await jobs.linesOf(value.jobId);
    expect(lines.map(({ error }) => error?.code)).toEqual([undefined, 'INVALID_REQUEST']);
    for (const line of lines) api.expectValid({ $ref: '#/components/schemas/ResultLine' }, line);
    const results = operation('get', '/v1/batches/{id}/results');
    for (const [range, status] of [
      ['bytes=1-', 206],
      ['', 200],
    ] as const) {
      const url = `${jobs.batch}/v1/batches/${value.jobId}/results`;
      expect((await ask(url, { headers: { range } })).status).toBe(status);
      expect(Object.keys(results.responses)).toContain(String(status));
    }
    const cancelled = await ask(`${jobs.batch}/v1/batches/${value.jobId}/cancel`, {
      method: 'POST',
    });
    expect(cancelled.status).toBe(202);
    api.expectDescribed(operation('post', '/v1/batches/{id}/cancel'), cancelled);
  });

  it('describes errors, and parameters as they are read', async () => {
    const list = operation('get', '/v1/batches');
    const limit = list.parameters?.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({ in: 'query', schema: { minimum: 1, maximum: 100, default: 20 } });

    for (const [method, path] of [
      ['get', '/v1/batches?limit=101'],
      ['get', '/v1/dead-letters?limit=0'],
      ['post', '/v1/batches'],
    ] as const) {
      const answer = await ask(jobs.batch + path, {
        method,
        ...(method === 'post'
          ? { body: '{}', headers: { 'content-type': 'application/json' } }
          : {}),
      });
      expect(answer.status).toBe(400);
      api.expectDescribed(operation(method, path.split('?')[0] ?? ''), answer);
    }
  });

  it('lists every media type that records may have', async () => {
    const types = Object.keys(operation('post', '/v1/batches').requestBody?.content ?? {});
    const refused = await ask(`${jobs.batch}/v1/batches`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'a/b' },
    });

    expect(refused.status).toBe(415);
    expect(refused.text).toContain(types.join(' or '));
  });
});
