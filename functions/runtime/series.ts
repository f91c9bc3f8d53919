/** What a metric is and how it is divided. */
export interface MetricKind {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds, rising; one without an upper bound comes beside them. */
  readonly buckets?: readonly number[];
}

/** One line of a metric, as `prom-client` takes it. */
export interface Sample {
  /** Where it is not the metric's own name. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The values of one metric, by its labels. */
export interface Series {
  /** Adds to a counter, observes a value in a histogram, or sets a gauge. */
  record(labels: Readonly<Record<string, string>>, value: number): void;
  /** All of it now. */
  samples(): Sample[];
}

interface Entry {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: the sum of what was observed. */
  value: number;
  /** Of a histogram: observations per bucket, the one without an upper bound last. */
  readonly counts: Float64Array;
}

/**
 * A metric without values. Recording finds an entry by the joined values of its labels and adds to it: a
 * request is measured six times, and `prom-client`'s own metrics check and hash the labels at each.
 */
export function createSeries(name: string, { type, labels, buckets }: MetricKind): Series {
  const entries = new Map<string, Entry>();
  const bounds = type === 'histogram' ? [...(buckets ?? []), Infinity] : [];

  function entryOf(values: Readonly<Record<string, string>>): Entry {
    let key = '';
    for (const label of labels) key += `${values[label] ?? ''}\n`;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const own = Object.fromEntries(labels.map((label) => [label, values[label] ?? '']));
    const entry = { labels: own, value: 0, counts: new Float64Array(bounds.length) };
    entries.set(key, entry);
    return entry;
  }

  return {
    record(values, value) {
      const entry = entryOf(values);
      if (type === 'gauge') entry.value = value;
      else entry.value += value;
      if (type !== 'histogram') return;
      const bucket = bounds.findIndex((bound) => value <= bound);
      // NaN is below no bound.
      const index = bucket === -1 ? bounds.length - 1 : bucket;
      entry.counts[index] = (entry.counts[index] ?? 0) + 1;
    },
    samples() {
      const all = [...entries.values()];
      if (type !== 'histogram')
        return all.map(({ labels: own, value }) => ({ labels: own, value }));
      return all.flatMap((entry) => histogramSamples(name, entry, bounds));
    },
  };
}

function histogramSamples(
  name: string,
  { labels, value, counts }: Entry,
  bounds: readonly number[],
): Sample[] {
  let count = 0;
  const samples: Sample[] = bounds.map((bound, index) => {
    count += counts[index] ?? 0;
    const le = bound === Infinity ? '+Inf' : bound;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...samples,
    { metricName: `${name}_sum`, labels, value },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
