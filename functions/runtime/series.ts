/** What a metric is and how it is divided. */
export interface MetricKind {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds, rising; one without an upper bound comes beside them. */
  readonly buckets?: readonly number[];
}

/** The values of one metric, by its labels. */
export interface Series {
  /** Adds to a counter, observes a value in a histogram, or sets a gauge. */
  record(labels: Readonly<Record<string, string>>, value: number): void;
  /** All of it in the Prometheus text format, https://prometheus.io/docs/instrumenting/exposition_formats/. */
  text(): string;
}

interface Entry {
  readonly labels: string;
  /** Of a histogram: the sum of what was observed. */
  value: number;
  /** Of a histogram: observations per bucket, the one without an upper bound last. */
  readonly counts: Float64Array;
}

/**
 * A metric without values. Recording finds an entry by the joined values of its labels and adds to it: a
 * request is measured six times, and a general library's checks at each would cost more than the counting.
 */
export function createSeries(name: string, { type, help, labels, buckets }: MetricKind): Series {
  const entries = new Map<string, Entry>();
  const bounds = type === 'histogram' ? [...(buckets ?? []), Infinity] : [];

  function entryOf(values: Readonly<Record<string, string>>): Entry {
    let key = '';
    for (const label of labels) key += `${values[label] ?? ''}\n`;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const written = labels.map((label) => `${label}="${escapeText(values[label] ?? '')}"`);
    const entry = { labels: written.join(','), value: 0, counts: new Float64Array(bounds.length) };
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
    text() {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
      for (const entry of entries.values()) {
        lines.push(
          ...(type === 'histogram'
            ? histogramLines(name, entry, bounds)
            : [`${name}${braced(entry.labels)} ${entry.value}`]),
        );
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function histogramLines(
  name: string,
  { labels, value, counts }: Entry,
  bounds: readonly number[],
): string[] {
  let count = 0;
  const lines = bounds.map((bound, index) => {
    count += counts[index] ?? 0;
    const le = `le="${bound === Infinity ? '+Inf' : bound}"`;
    return `${name}_bucket${braced(labels === '' ? le : `${le},${labels}`)} ${count}`;
  });
  return [
    ...lines,
    `${name}_sum${braced(labels)} ${value}`,
    `${name}_count${braced(labels)} ${count}`,
  ];
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function escapeText(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`);
}
