import type { Metric, Registry } from 'prom-client';

import { createSeries } from './series.ts';
import type { MetricKind, Series } from './series.ts';

/** Seconds; from a tree ensemble (well below a millisecond) to the longest request. */
const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

/** Every metric that a function exposes beside the process's own. Labels come from closed sets. */
export const METRICS = {
  http_requests_total: {
    type: 'counter',
    help: 'Requests answered, probes excluded',
    labels: ['route', 'method', 'status'],
  },
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'From the first byte read to the start of the response',
    labels: ['route'],
    buckets: SECONDS,
  },
  inference_requests_total: {
    type: 'counter',
    help: 'Requests for predictions',
    labels: ['model', 'status'],
  },
  inference_request_duration_seconds: {
    type: 'histogram',
    help: 'Requests for predictions, from the first byte read to the start of the response',
    labels: ['model'],
    buckets: SECONDS,
  },
  inference_errors_total: {
    type: 'counter',
    help: 'Requests for predictions that failed, by error code',
    labels: ['model', 'error_type'],
  },
  inference_batch_size: {
    type: 'histogram',
    help: 'Rows in one run of the model',
    labels: ['model'],
    buckets: ROWS,
  },
  inference_run_duration_seconds: {
    type: 'histogram',
    help: 'One run of the model',
    labels: ['model'],
    buckets: SECONDS,
  },
  inference_queue_wait_seconds: {
    type: 'histogram',
    help: 'Time a request waited for the model to be free',
    labels: ['model'],
    buckets: SECONDS,
  },
  inference_queue_depth: {
    type: 'gauge',
    help: 'Rows waiting for the model now',
    labels: ['model'],
  },
  inference_cache_lookups_total: {
    type: 'counter',
    help: 'Look-ups of kept answers, by store (memory, redis) and result (hit, miss, error)',
    labels: ['model', 'store', 'result'],
  },
  inference_runs_in_progress: {
    type: 'gauge',
    help: 'Runs of the model that go on now; at most one per session',
    labels: ['model'],
  },
  inference_sessions: {
    type: 'gauge',
    help: 'Sessions that can run the model now: 1 in this process, or its worker processes',
    labels: ['model'],
  },
  pilotlight_cold_start_seconds: {
    type: 'gauge',
    help: 'How long each phase of this process start took; ready is the whole',
    labels: ['model', 'phase'],
  },
} as const satisfies Record<string, MetricKind>;

/** The name of one of our metrics. */
export type MetricName = keyof typeof METRICS;

type Labels<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>;

/** Takes measurements from the first request on, and shows them to a scraper. */
export interface Metrics {
  /** Adds 1 to a counter, observes a value in a histogram, or sets a gauge, whichever `name` is. */
  record<Name extends MetricName>(name: Name, labels: Labels<Name>, value?: number): void;
  /** Has a gauge read when somebody scrapes. */
  collect<Name extends MetricName>(name: Name, labels: Labels<Name>, read: () => number): void;
  /** Everything, in the Prometheus text format. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * Metrics that count from the first request on. The library that writes them out, and measures the process
 * itself, is loaded at the first scrape: the first prediction of a cold start does not pay for it.
 */
export function createMetrics(): Metrics {
  const names = Object.keys(METRICS) as MetricName[];
  const series = new Map(names.map((name) => [name, createSeries(name, METRICS[name])]));
  const gauges: (() => void)[] = [];
  let opened: Promise<Registry> | undefined;

  const record: Metrics['record'] = (name, labels, value = 1) => {
    series.get(name)?.record(labels, value);
  };
  return {
    record,
    collect(name, labels, read) {
      gauges.push(() => record(name, labels, read()));
    },
    async scrape() {
      opened ??= openRegistry(series);
      const registry = await opened;
      for (const gauge of gauges) gauge();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

async function openRegistry(series: ReadonlyMap<MetricName, Series>): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const [name, each] of series) registry.registerMetric(registered(name, each));
  return registry;
}

/** A metric that the registry can read. */
function registered(name: MetricName, series: Series): Metric {
  const { help, type } = METRICS[name];
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type, values: series.samples() }),
  };
  // The library's type lists its own classes; its Registry (15.1) reads these two members of any metric.
  return metric as unknown as Metric;
}
