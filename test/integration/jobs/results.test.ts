import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BatchClient } from '../../../scripts/batch/client.ts';
import { startCuttingProxy } from '../object-store/cutting-proxy.ts';
import { startJobs } from './running-jobs.ts';
import type { RunningJobs } from './running-jobs.ts';

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const RECORDS = 3000;
const PATH = '/v1/batches/job-with-results/results';

let jobs: RunningJobs;
let whole: Buffer;
let chunks: number;
beforeAll(async () => {
  jobs = await startJobs();
  const lines = Array.from({ length: RECORDS }, (_, n) =>
    JSON.stringify({ custom_id: `r${n}`, ...FLOWER }),
  );
  await jobs.store.put('in/a.jsonl', lines.join('\n'));
  await jobs.ask('/v1/batches', {
    jobId: 'job-with-results',
    model: { name: 'iris' },
    inputs: { format: 'jsonl', keys: ['in/a.jsonl'] },
    split: { chunkBytes: 65_536 },
  });
  chunks = (await jobs.over('job-with-results')).chunks.total;
  whole = await bytesOf(await fetch(`${jobs.batch}${PATH}`));
});
afterAll(() => jobs?.[Symbol.asyncDispose]());

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe('results', () => {
  it('say how many bytes they are, and that some of them can be had', async () => {
    const { status, headers } = await fetch(`${jobs.batch}${PATH}`, { method: 'HEAD' });

    // Several parts, whose bounds a range may cross.
    expect(chunks).toBeGreaterThan(3);
    expect(whole.toString().split('\n')).toHaveLength(RECORDS + 1);
    expect([status, headers.get('content-length'), headers.get('accept-ranges')]).toEqual([
      200,
      String(whole.length),
      'bytes',
    ]);
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
  });

  it.each([
    { from: 0, to: 0.0001 },
    { from: 0.0001, to: 0.5 },
    { from: 0.2, to: 0.9 },
    { from: 0.99, to: 1 },
  ])('are given from $from to $to of them', async ({ from, to }) => {
    const [start, end] = [Math.floor(from * whole.length), Math.floor(to * whole.length)];
    const headers = { range: `bytes=${start}-${end - 1}` };

    const answer = await fetch(`${jobs.batch}${PATH}`, { headers });

    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${whole.length}`);
    expect((await bytesOf(answer)).equals(whole.subarray(start, end))).toBe(true);
  });

  it('are refused behind their end', async () => {
    const headers = { range: `bytes=${whole.length}-` };

    const answer = await fetch(`${jobs.batch}${PATH}`, { headers });

    expect(answer.status).toBe(416);
    expect(await answer.json()).toMatchObject({ error: { code: 'RANGE_NOT_SATISFIABLE' } });
  });

  it('are gone on with where the connection is cut, as often as it is', async () => {
    const { origin, pathname } = new URL(jobs.batch);
    await using proxy = await startCuttingProxy(origin, { cutAfterBytes: whole.length / 4 });
    const client = new BatchClient(`${proxy.endpoint}${pathname}`);

    const pieces = await Array.fromAsync(client.results('job-with-results'));

    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  });

  it('are an error where nothing of them comes', async () => {
    const { origin, pathname } = new URL(jobs.batch);
    await using proxy = await startCuttingProxy(origin, { cutAfterBytes: 20 });
    const client = new BatchClient(`${proxy.endpoint}${pathname}`);

    await expect(
      Array.fromAsync(client.results('job-with-results', { attempts: 1 })),
    ).rejects.toThrow('does not answer');
  });
});
