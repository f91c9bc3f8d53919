import type { JobsReport } from '../report/jobs-report.ts';
import { median, percentile, rounded } from '../report/statistics.ts';
import type { StoreName } from './bench-store.ts';
import type { ChunkTime } from './helper.ts';
import { WORKERS } from './measure-product.ts';
import type { ProductTimes } from './measure-product.ts';

/** Everything that was measured on one store. */
export interface StoreSamples {
  readonly scoring: ChunkTime[];
  readonly loop: ChunkTime[];
  /** With next to no output. */
  readonly protocolMs: number[];
  /** With that of a chunk. */
  readonly commitMs: number[];
  readonly product: ProductTimes[];
}

/** Everything that was measured. */
export interface JobsSamples {
  readonly samples: ReadonlyMap<StoreName, StoreSamples>;
  readonly httpPerSecond: readonly number[];
  readonly eventsPerSecond: readonly number[];
}

const SCORING_TARGET = 0.85;
const PROTOCOL_TARGET_MS = 50;

type Store = JobsReport['stores'][number];

/** Nothing measured yet. */
export function emptySamples(): StoreSamples {
  return { scoring: [], loop: [], protocolMs: [], commitMs: [], product: [] };
}

/** Medians of what was measured, and what they are of each other. */
export function summarizeJobs({
  samples,
  httpPerSecond,
  eventsPerSecond,
}: JobsSamples): Pick<JobsReport, 'stores' | 'ratios' | 'http_per_second' | 'events_per_second'> {
  const stores = [...samples].map(([store, of]) => summarizeStore(store, of));
  const http = rounded(median(httpPerSecond));
  return {
    stores,
    http_per_second: http,
    events_per_second: rounded(median(eventsPerSecond)),
    ratios: stores.flatMap((store) => ratiosOf(store, http)),
  };
}

function summarizeStore(
  store: StoreName,
  { scoring, loop, protocolMs, commitMs, product }: StoreSamples,
): Store {
  const protocol = rounded(median(protocolMs));
  return {
    store,
    scoring_per_second: perSecond(scoring, ({ ms }) => ms),
    loop_per_second: perSecond(loop, ({ ms }) => ms),
    run_per_second: perSecond(loop, ({ runMs = Number.NaN }) => runMs),
    protocol_ms: {
      median: protocol,
      p90: rounded(percentile(protocolMs, 90)),
      target: `≤ ${PROTOCOL_TARGET_MS}`,
      met: protocol <= PROTOCOL_TARGET_MS,
    },
    commit_ms: rounded(median(commitMs)),
    jobs: WORKERS.map((workers, index) => ({
      workers,
      records_per_second: rounded(median(product.map(({ jobs }) => jobs[index] ?? Number.NaN))),
    })),
    upload_ms: {
      cold: rounded(median(product.map(({ coldUploadMs }) => coldUploadMs))),
      warm: rounded(median(product.flatMap(({ warmUploadMs }) => warmUploadMs))),
    },
  };
}

function perSecond(times: readonly ChunkTime[], msOf: (time: ChunkTime) => number): number {
  return rounded(median(times.map((time) => (1000 * time.records) / msOf(time))));
}

function ratiosOf(
  { store, jobs, scoring_per_second: scoring, loop_per_second: loop }: Store,
  http: number,
): JobsReport['ratios'] {
  const [one, ...more] = jobs;
  if (one === undefined) return [];
  const rate = one.records_per_second;
  const scored = rounded(scoring / loop);
  return [
    {
      of: `scoring of a chunk, ${store}`,
      to: 'plain loop',
      value: scored,
      target: `≥ ${SCORING_TARGET}`,
      met: scored >= SCORING_TARGET,
    },
    { of: `job with 1 worker, ${store}`, to: 'plain loop', value: rounded(rate / loop) },
    { of: `job with 1 worker, ${store}`, to: 'single predictions', value: rounded(rate / http) },
    ...more.map(({ workers, records_per_second: own }) => ({
      of: `job with ${workers} workers, ${store}`,
      to: '1 worker',
      value: rounded(own / rate),
    })),
  ];
}
