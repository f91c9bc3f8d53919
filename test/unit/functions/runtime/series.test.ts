import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { createSeries } from '../../../../functions/runtime/series.ts';
import type { MetricKind, Sample } from '../../../../functions/runtime/series.ts';

type Recorded = readonly (readonly [Readonly<Record<string, string>>, number])[];

const LABELLED: Recorded = [
  [{ route: '/predict', status: '200' }, 1],
  [{ route: '/predict', status: '400' }, 2],
  [{ status: '200', route: '/predict' }, 0.25],
  [{ route: 'a "quoted" \\ and\nbroken', status: '' }, 3],
];
const PLAIN: Recorded = [
  [{}, 1.5],
  [{}, 1e-7],
];

/** What the library's own metric has for the same records. */
async function theirs(kind: MetricKind, recorded: Recorded): Promise<Sample[]> {
  const register = new Registry();
  const common = {
    name: 'a_metric',
    help: kind.help,
    labelNames: [...kind.labels],
    registers: [register],
  };
  const record = {
    counter: () => {
      const counter = new Counter(common);
      return (labels: object, value: number) => counter.inc(labels, value);
    },
    gauge: () => {
      const gauge = new Gauge(common);
      return (labels: object, value: number) => gauge.set(labels, value);
    },
    histogram: () => {
      const histogram = new Histogram({ ...common, buckets: [...(kind.buckets ?? [])] });
      return (labels: object, value: number) => histogram.observe(labels, value);
    },
  }[kind.type]();
  for (const [labels, value] of recorded) record(labels, value);
  const [metric] = await register.getMetricsAsJSON();
  // An exemplar is of OpenMetrics only.
  return (metric?.values ?? []).map((value) => omitExemplar(value as Sample));
}

describe('createSeries()', () => {
  const labels = ['route', 'status'];
  const buckets = [0.001, 0.25, 1, 2.5];

  it.each<[string, MetricKind, Recorded]>([
    ['a counter', { type: 'counter', help: 'Things', labels }, LABELLED],
    ['a gauge', { type: 'gauge', help: 'Things', labels }, LABELLED],
    ['a histogram', { type: 'histogram', help: 'Things', labels, buckets }, LABELLED],
    ['a counter without labels', { type: 'counter', help: 'Things', labels: [] }, PLAIN],
    [
      'a histogram without labels',
      { type: 'histogram', help: 'Things', labels: [], buckets },
      PLAIN,
    ],
    ['a counter without values', { type: 'counter', help: 'Things', labels }, []],
    ['a histogram without values', { type: 'histogram', help: 'Things', labels, buckets }, []],
  ])('has for %s what the library’s own has', async (_what, kind, recorded) => {
    const series = createSeries('a_metric', kind);
    for (const [values, value] of recorded) series.record(values, value);

    expect(series.samples()).toEqual(await theirs(kind, recorded));
  });

  it('puts a value on a bound into the bucket below, and NaN above all', () => {
    const series = createSeries('m', {
      type: 'histogram',
      help: 'Things',
      labels: [],
      buckets: [1, 2],
    });
    for (const value of [1, 2, 3, Number.NaN]) series.record({}, value);

    expect(series.samples().slice(0, 3)).toEqual([
      { metricName: 'm_bucket', labels: { le: 1 }, value: 1 },
      { metricName: 'm_bucket', labels: { le: 2 }, value: 2 },
      { metricName: 'm_bucket', labels: { le: '+Inf' }, value: 4 },
    ]);
  });

  it('takes values that run into each other for two', () => {
    const series = createSeries('m', { type: 'counter', help: 'Things', labels });
    series.record({ route: 'a', status: 'bc' }, 1);
    series.record({ route: 'ab', status: 'c' }, 1);

    expect(series.samples()).toEqual([
      { labels: { route: 'a', status: 'bc' }, value: 1 },
      { labels: { route: 'ab', status: 'c' }, value: 1 },
    ]);
  });
});

function omitExemplar(sample: Sample & { readonly exemplar?: unknown }): Sample {
  const { exemplar: _, ...rest } = sample;
  return rest;
}
