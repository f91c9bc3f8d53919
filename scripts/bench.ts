/** `npm run bench`: iris against its yardsticks, other models by themselves. What is measured, and how, is in test/bench/. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseOrder, USAGE } from '../test/bench/command-line.ts';
import type { BenchOrder } from '../test/bench/command-line.ts';
import { benchHealth } from '../test/bench/health/bench-health.ts';
import { imageTable } from '../test/bench/image/image-table.ts';
import { readImage } from '../test/bench/image/read-image.ts';
import { benchLarge } from '../test/bench/large/bench-large.ts';
import { jobsTable } from '../test/bench/report/jobs-table.ts';
import {
  coldTable,
  healthTable,
  largeTable,
  podsTable,
  warmTable,
} from '../test/bench/report/tables.ts';
import { benchCold, benchWarm } from '../test/bench/run-bench.ts';
import type { RunOptions } from '../test/bench/run-bench.ts';

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);

process.exitCode = await main();

async function main(): Promise<number> {
  let order: BenchOrder;
  try {
    order = parseOrder(args);
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n${USAGE}`);
    return 64;
  }
  if (order.kind === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    await measure(order);
    return 0;
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 1;
  }
}

async function measure(order: Exclude<BenchOrder, { kind: 'help' }>): Promise<void> {
  if (order.kind === 'image') {
    process.stdout.write(imageTable(await readImage(order.image)));
    return;
  }
  const common = {
    root,
    command: `npm run bench -- ${args.join(' ')}`,
    onProgress: (text: string) => void process.stderr.write(`${text}\n`),
  };
  const [report, table] = await reportOf(order, common);
  if (order.out !== undefined) {
    await writeFile(order.out, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  process.stdout.write(table);
}

async function reportOf(
  order: Exclude<BenchOrder, { kind: 'image' | 'help' }>,
  common: Omit<RunOptions, 'runs' | 'model'>,
): Promise<readonly [report: unknown, table: string]> {
  switch (order.kind) {
    case 'cold': {
      const report = await benchCold({ ...common, ...order });
      return [report, coldTable(report)];
    }
    case 'large': {
      const report = await benchLarge({ ...common, ...order });
      return [report, largeTable(report)];
    }
    case 'pods': {
      const { benchPods } = await import('../test/bench/pods/bench-pods.ts');
      const report = await benchPods({ ...common, ...order });
      return [report, podsTable(report)];
    }
    case 'jobs': {
      const { benchJobs } = await import('../test/bench/jobs/bench-jobs.ts');
      const report = await benchJobs({ ...common, ...order });
      return [report, jobsTable(report)];
    }
    case 'health': {
      const report = await benchHealth({ ...common, ...order });
      return [report, healthTable(report)];
    }
    default: {
      const report = await benchWarm({ ...common, ...order });
      return [report, warmTable(report)];
    }
  }
}
