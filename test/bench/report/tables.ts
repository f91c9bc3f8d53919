import type {
  ColdReport,
  HealthReport,
  LargeReport,
  PodsReport,
  WarmReport,
} from './report-schema.ts';

/** A report of cold starts for people. */
export function coldTable(report: ColdReport): string {
  const rows = report.contestants.map((each) =>
    'absent' in each
      ? [each.name, each.absent]
      : [
          each.name,
          each.first_answer_ms.median.toFixed(1),
          each.first_answer_ms.p95.toFixed(1),
          each.first_answer_ms.min.toFixed(1),
          each.cpu_ms?.median.toFixed(1) ?? '–',
          each.memory?.private_mb.toFixed(1) ?? '–',
          each.memory?.rss_mb.toFixed(1) ?? '–',
          each.weights,
        ],
  );
  const head = [
    'exec → first 200',
    'median ms',
    'p95',
    'min',
    'CPU ms',
    'private MB',
    'RSS MB',
    'weights',
  ];
  return [...headLines(report), table([head, ...rows]), ...ratioLines(report), ''].join('\n');
}

/** A report of throughput for people. */
export function warmTable(report: WarmReport): string {
  const rows = report.contestants.flatMap((each) =>
    'absent' in each
      ? [[each.name, each.absent]]
      : each.points.map((point) => [
          each.name,
          String(point.connections),
          point.requests_per_second.toFixed(0),
          point.p50_ms.toFixed(2),
          point.p95_ms.toFixed(2),
          point.p99_ms.toFixed(2),
          point.cpu_us?.toFixed(0) ?? '–',
          String(point.refused),
          each.private_mb?.toFixed(1) ?? '–',
        ]),
  );
  const head = [
    'warm',
    'connections',
    'requests/s',
    'p50 ms',
    'p95',
    'p99',
    'CPU µs',
    'refused',
    'private MB',
  ];
  return [...headLines(report), table([head, ...rows]), ...ratioLines(report), ''].join('\n');
}

/** A report of cold starts with large models for people. */
export function largeTable(report: LargeReport): string {
  const rows = report.models.flatMap(({ graph_mb: size, contestants }) =>
    contestants.map((each) => [
      each.name,
      size.toFixed(0),
      each.first_answer_ms.median.toFixed(1),
      each.first_answer_ms.p95.toFixed(1),
      each.first_answer_ms.min.toFixed(1),
      each.cpu_ms?.median.toFixed(1) ?? '–',
      each.memory?.private_mb.toFixed(1) ?? '–',
    ]),
  );
  const head = ['exec → first 200', 'graph MB', 'median ms', 'p95', 'min', 'CPU ms', 'private MB'];
  return [...headLines(report), table([head, ...rows]), ...ratioLines(report), ''].join('\n');
}

/** A report of pods for people. */
export function podsTable(report: PodsReport): string {
  const rows = report.services.map((each) =>
    'absent' in each
      ? [each.name, each.absent]
      : [
          each.name,
          each.first_answer_ms.median.toFixed(0),
          each.first_answer_ms.p95.toFixed(0),
          each.first_answer_ms.min.toFixed(0),
          each.own_ms.median.toFixed(0),
        ],
  );
  const head = ['zero pods → first 200', 'median ms', 'p95', 'min', 'own ms'];
  return [...headLines(report), table([head, ...rows]), ...ratioLines(report), ''].join('\n');
}

/** A report of `/healthz` for people. */
export function healthTable(report: HealthReport): string {
  const rows = report.rows.map((row) => [
    row.what,
    row.p50_ms.toFixed(2),
    row.p95_ms.toFixed(2),
    row.p99_ms.toFixed(2),
  ]);
  const verdict = report.met ? 'met' : 'NOT MET';
  return [
    ...headLines(report),
    table([['/healthz', 'p50 ms', 'p95', 'p99'], ...rows]),
    '',
    `one run of the model: ${report.run_ms.toFixed(1)} ms`,
    `p99 while the model is saturated: target ${report.target}: ${verdict}`,
    '',
  ].join('\n');
}

/** What was measured where, and with what. */
export function headLines(
  report: Pick<ColdReport, 'command' | 'commit' | 'started_at' | 'runs' | 'machine' | 'versions'>,
): string[] {
  const { machine, versions } = report;
  return [
    `$ ${report.command}`,
    `commit ${report.commit}, ${report.started_at}, ${report.runs} rounds, interleaved`,
    `${machine.cpus} × ${machine.cpu}, ${machine.memory_gb} GB, ${machine.system}, load ${machine.load_average}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    '',
  ];
}

/** Each ratio with its target, an empty line before. */
export function ratioLines({
  ratios,
}: {
  readonly ratios: readonly (Omit<ColdReport['ratios'][number], 'to'> & { readonly to: string })[];
}): string[] {
  const lines = ratios.map(({ of, to, value, target, met }) => {
    const verdict =
      target === undefined ? '' : `  target ${target}: ${met === true ? 'met' : 'NOT MET'}`;
    return `${of}, pilotlight / ${to}: ${value.toFixed(2)}${verdict}`;
  });
  return ['', ...lines];
}

/** Columns side by side: the first to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  // A shorter row says in words why there are no numbers.
  const whole = rows.filter(({ length }) => length === head.length);
  const widths = head.map((_, column) =>
    Math.max(...whole.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || row.length < head.length
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
