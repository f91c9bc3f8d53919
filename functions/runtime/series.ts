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

/** Entries whose first labels have the same values. */
interface Branch {
  readonly byNext: Map<string, Branch>;
  entry: Entry | undefined;
}

/**
 * A metric without values. Recording finds an entry by the values of its labels, one after the other, and adds to
 * it: a request is measured six times, and `prom-client`'s own metrics check, join and hash the labels at each.
 */
export function createSeries(name: string, { type, labels, buckets }: MetricKind): Series {
  const entries: Entry[] = [];
  const root = emptyBranch();
  const bounds = type === 'histogram' ? [...(buckets ?? []), Infinity] : [];

  function entryOf(values: Readonly<Record<string, string>>): Entry {
    let branch = root;
    for (const label of labels) {
      const value = values[label] ?? '';
      let next = branch.byNext.get(value);
      if (next === undefined) branch.byNext.set(value, (next = emptyBranch()));
      branch = next;
    }
    return (branch.entry ??= newEntry(values));
  }

  function newEntry(values: Readonly<Record<string, string>>): Entry {
    const own = Object.fromEntries(labels.map((label) => [label, values[label] ?? '']));
    const entry = { labels: own, value: 0, counts: new Float64Array(bounds.length) };
    entries.push(entry);
    return entry;
  }

  return {
    record(values, value) {
      const entry = entryOf(values);
      if (type === 'gauge') entry.value = value;
      else entry.value += value;
      if (type !== 'histogram') return;
      // NaN is below no bound, and counts in the last.
      let index = 0;
      while (index < bounds.length - 1 && !(value <= (bounds[index] ?? 0))) index += 1;
      entry.counts[index] = (entry.counts[index] ?? 0) + 1;
    },
    samples() {
      if (type !== 'histogram')
        return entries.map(({ labels: own, value }) => ({ labels: own, value }));
      return entries.flatMap((entry) => histogramSamples(name, entry, bounds));
    },
  };
}

function emptyBranch(): Branch {
  return { byNext: new Map(), entry: undefined };
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
