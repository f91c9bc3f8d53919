import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { createSeries } from '../../../../functions/runtime/series.ts';
import type { MetricKind } from '../../../../functions/runtime/series.ts';

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

/** What the official client writes for the same records. */
async function theirs(kind: MetricKind, recorded: Recorded): Promise<string> {
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
  return register.metrics();
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
  ])('writes %s as the official client does', async (_what, kind, recorded) => {
    const series = createSeries('a_metric', kind);
    for (const [values, value] of recorded) series.record(values, value);

    expect(sorted(series.text())).toEqual(sorted(await theirs(kind, recorded)));
  });

  it('puts a value on a bound into the bucket below, and NaN above all', () => {
    const series = createSeries('m', {
      type: 'histogram',
      help: 'Things',
      labels: [],
      buckets: [1, 2],
    });
    for (const value of [1, 2, 3, Number.NaN]) series.record({}, value);

    expect(series.text()).toContain(
      'm_bucket{le="1"} 1\nm_bucket{le="2"} 2\nm_bucket{le="+Inf"} 4\n',
    );
  });

  it('takes values that run into each other for two', () => {
    const series = createSeries('m', { type: 'counter', help: 'Things', labels });
    series.record({ route: 'a', status: 'bc' }, 1);
    series.record({ route: 'ab', status: 'c' }, 1);

    expect(series.text()).toContain('m{route="a",status="bc"} 1\nm{route="ab",status="c"} 1\n');
  });
});

/** Lines without their order, and the labels of each without theirs. */
function sorted(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line.replace(
        /\{(.*)\}/,
        (_all, inner: string) =>
          `{${inner
            .split(',')
            .toSorted((a, b) => (a < b ? -1 : 1))
            .join(',')}}`,
      ),
    )
    .toSorted((a, b) => (a < b ? -1 : 1));
}
