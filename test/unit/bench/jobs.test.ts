import { expect, it, test } from 'vitest';

import { parseOrder } from '../../bench/command-line.ts';
import { flowerLines } from '../../bench/jobs/flowers.ts';
import { digestOf } from '../../bench/jobs/helper.ts';
import { emptySamples, summarizeJobs } from '../../bench/jobs/summarize-jobs.ts';
import type { StoreSamples } from '../../bench/jobs/summarize-jobs.ts';
import { jobsReport } from '../../bench/report/jobs-report.ts';
import type { JobsReport } from '../../bench/report/jobs-report.ts';
import { jobsTable } from '../../bench/report/jobs-table.ts';
import { irisInstance } from '../../../functions/iris/request.ts';

const samples: StoreSamples = {
  ...emptySamples(),
  scoring: [200, 100, 400].map((ms) => ({ records: 1000, ms })),
  loop: [100, 200, 160].map((ms) => ({ records: 1000, ms, runMs: ms / 2 })),
  protocolMs: [10, 60, 20, 30, 51],
  commitMs: [80, 90, 70],
  product: [
    { coldUploadMs: 900, warmUploadMs: [50, 70], jobs: [4000, 6000, 8000] },
    { coldUploadMs: 700, warmUploadMs: [60], jobs: [5000, 8000, 4000] },
  ],
};

function summary(store: StoreSamples): ReturnType<typeof summarizeJobs> {
  const rates = { httpPerSecond: [1000, 3000], eventsPerSecond: [700] };
  return summarizeJobs({ samples: new Map([['stand-in', store]]), ...rates });
}

it('takes medians, and sets them in relation', () => {
  expect(summary(samples)).toEqual({
    http_per_second: 2000,
    events_per_second: 700,
    stores: [
      {
        store: 'stand-in',
        scoring_per_second: 5000,
        loop_per_second: 6250,
        run_per_second: 12_500,
        protocol_ms: { median: 30, p90: 60, target: '≤ 50', met: true },
        commit_ms: 80,
        jobs: [
          { workers: 1, records_per_second: 4500 },
          { workers: 2, records_per_second: 7000 },
          { workers: 4, records_per_second: 6000 },
        ],
        upload_ms: { cold: 800, warm: 60 },
      },
    ],
    ratios: [
      {
        of: 'scoring of a chunk, stand-in',
        to: 'plain loop',
        value: 0.8,
        target: '≥ 0.85',
        met: false,
      },
      { of: 'job with 1 worker, stand-in', to: 'plain loop', value: 0.72 },
      { of: 'job with 1 worker, stand-in', to: 'single predictions', value: 2.25 },
      { of: 'job with 2 workers, stand-in', to: '1 worker', value: 1.556 },
      { of: 'job with 4 workers, stand-in', to: '1 worker', value: 1.333 },
    ],
  });
});

it('says when a target is met', () => {
  const { ratios, stores } = summary({
    ...samples,
    scoring: [{ records: 1000, ms: 160 }],
    protocolMs: [50.1],
  });

  expect(ratios[0]).toMatchObject({ value: 1, met: true });
  expect(stores[0]?.protocol_ms.met).toBe(false);
});

it('writes a table that has everything', () => {
  const report: JobsReport = {
    schema: 'pilotlight.bench.v1',
    kind: 'jobs',
    command: 'npm run bench -- jobs',
    commit: 'abc',
    started_at: '2026-11-21T00:00:00.000Z',
    machine: { cpu: 'a', cpus: 2, memory_gb: 1, system: 'b', load_average: 0 },
    versions: {},
    runs: 2,
    chunk_mb: 4.19,
    chunk_records: 1000,
    job_chunks: 8,
    ...summary(samples),
  };

  const text = jobsTable(jobsReport.parse(report));

  expect(text).toMatch(/^scoring of a chunk, records\/s +5000$/m);
  expect(text).toMatch(/^job, 4 workers, records\/s +6000$/m);
  expect(text).toContain(
    'scoring of a chunk, stand-in, pilotlight / plain loop: 0.80  target ≥ 0.85: NOT MET',
  );
  expect(text).toContain('protocol per chunk, stand-in: target ≤ 50: met');
  expect(text).toContain('single HTTP predictions, 32 connections: 2000/s');
});

it('makes flowers that iris takes, each with an id, as many as there is room for', () => {
  const { text, records } = flowerLines(10_000);
  const lines = text.trimEnd().split('\n');

  expect(lines).toHaveLength(records);
  expect(text.length).toBeLessThanOrEqual(10_000);
  expect(text.length).toBeGreaterThan(9800);
  for (const [n, line] of lines.entries()) {
    const { custom_id: id, ...flower } = JSON.parse(line) as Record<string, unknown>;
    expect(id).toBe(`flower-${n}`);
    expect(irisInstance.safeParse(flower).success).toBe(true);
  }
});

it('compares predictions, not what is beside them', () => {
  const lines = (...outputs: unknown[]): string =>
    outputs.map((output, n) => `${JSON.stringify({ id: n, output })}\n`).join('');

  expect(digestOf(lines({ a: 1 }, 2))).toBe(digestOf('{"output":{"a":1}}\n{"key":1,"output":2}\n'));
  expect(digestOf(lines({ a: 1 }, 2))).not.toBe(digestOf(lines(2, { a: 1 })));
});

test.each([
  [['jobs'], { kind: 'jobs', runs: 3, out: undefined }],
  [['jobs', '--runs', '1', '--out', 'a.json'], { kind: 'jobs', runs: 1, out: 'a.json' }],
  [['--help'], { kind: 'help' }],
  [['jobs', '-h'], { kind: 'help' }],
])('%j is understood', (args, order) => {
  expect(parseOrder(args)).toEqual(order);
});

test.each([[['jobs', '--model', 'text']], [['jobs', '--seconds', '2']], [['jobs', 'more']]])(
  '%j is refused',
  (args: string[]) => {
    expect(() => parseOrder(args)).toThrow(TypeError);
  },
);
