import { join } from 'node:path';

import { expect, it } from 'vitest';

import { benchJobs } from '../../bench/jobs/bench-jobs.ts';

const root = join(import.meta.dirname, '../../..');

it('measures jobs, uploads, the broker and single predictions, every record counted', async () => {
  const sizes = {
    chunkBytes: 65_536,
    chunks: 2,
    scorings: 2,
    protocols: 2,
    events: 20,
    httpSeconds: 0.2,
  };
  const common = { root, runs: 1, command: 'test', onProgress: (): void => {} };

  const report = await benchJobs({ ...common, sizes, stores: ['stand-in'] });

  expect(report).toMatchObject({ kind: 'jobs', chunk_mb: 0.07, job_chunks: 2 });
  expect(report.stores).toHaveLength(1);
  const numbers =
    JSON.stringify(report.stores)
      .match(/(?<=:)[\d.]+/g)
      ?.map(Number) ?? [];
  expect(numbers.length).toBeGreaterThan(10);
  expect(Math.min(...numbers)).toBeGreaterThan(0);
  expect(report.events_per_second).toBeGreaterThan(0);
  expect(report.http_per_second).toBeGreaterThan(0);
  expect(report.ratios.map(({ to }) => to)).toEqual([
    'plain loop',
    'plain loop',
    'single predictions',
    '1 worker',
    '1 worker',
  ]);
}, 400_000);
