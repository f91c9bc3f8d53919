import type { JobsReport } from './jobs-report.ts';
import { headLines, ratioLines, table } from './tables.ts';

/** A report of jobs for people. */
export function jobsTable(report: JobsReport): string {
  const { stores } = report;
  const row = (what: string, of: (store: JobsReport['stores'][number]) => number): string[] => [
    what,
    ...stores.map((store) => of(store).toFixed(0)),
  ];
  const workers = stores[0]?.jobs.map((job) => job.workers) ?? [];
  const rows = [
    row('scoring of a chunk, records/s', (store) => store.scoring_per_second),
    row('plain loop, records/s', (store) => store.loop_per_second),
    row('ONNX Runtime in it, records/s', (store) => store.run_per_second),
    ...workers.map((count) =>
      row(
        `job, ${count} worker${count === 1 ? '' : 's'}, records/s`,
        ({ jobs }) => jobs.find((job) => job.workers === count)?.records_per_second ?? 0,
      ),
    ),
    row('protocol per chunk, ms', (store) => store.protocol_ms.median),
    row('protocol per chunk, p90', (store) => store.protocol_ms.p90),
    row('the same with its output, ms', (store) => store.commit_ms),
    row('upload → predictions, cold, ms', (store) => store.upload_ms.cold),
    row('upload → predictions, warm, ms', (store) => store.upload_ms.warm),
  ];
  const head = ['jobs', ...stores.map(({ store }) => store)];
  const verdicts = stores.map(
    ({ store, protocol_ms: { target, met } }) =>
      `protocol per chunk, ${store}: target ${target}: ${met ? 'met' : 'NOT MET'}`,
  );
  return [
    ...headLines(report),
    table([head, ...rows]),
    '',
    `a chunk: ${report.chunk_records} records, ${report.chunk_mb} MB; a job: ${report.job_chunks} chunks`,
    `single HTTP predictions, 32 connections: ${report.http_per_second.toFixed(0)}/s`,
    `events through the local broker: ${report.events_per_second.toFixed(0)}/s`,
    ...ratioLines(report),
    ...verdicts,
    '',
  ].join('\n');
}
