import { join } from 'node:path';

import { measureCold } from './cold/measure-cold.ts';
import { prepareContestants } from './contestants/contestants.ts';
import { readQuestions } from './contestants/question.ts';
import { coldRatios, warmRatios } from './report/ratios.ts';
import { coldReport, warmReport } from './report/report-schema.ts';
import type { ColdReport, WarmReport } from './report/report-schema.ts';
import { readSurroundings } from './report/surroundings.ts';
import { startCountingStore } from './store/counting-store.ts';
import type { CountingStore } from './store/counting-store.ts';
import { CONNECTIONS, measureWarm } from './warm/measure-warm.ts';

/** What every measurement is told. */
export interface RunOptions {
  /** The clone. */
  readonly root: string;
  readonly runs: number;
  /** What was typed, for the report. */
  readonly command: string;
  readonly onProgress: (text: string) => void;
}

/**
 * Measures cold starts of iris in every contestant.
 * @throws {Error} When one answers wrongly, or is not what it claims to be.
 */
export async function benchCold(options: RunOptions): Promise<ColdReport> {
  return await withStore(options.root, async (store, packageDir) => {
    const surroundings = await readSurroundings(options.root);
    const contestants = await measureCold({
      ...options,
      store,
      contestants: await contestantsOf(options.root, store),
      questions: await readQuestions(packageDir),
    });
    return coldReport.parse({
      schema: 'pilotlight.bench.v1',
      kind: 'cold',
      command: options.command,
      runs: options.runs,
      ...surroundings,
      ratios: coldRatios(contestants),
      contestants,
    } satisfies ColdReport);
  });
}

/**
 * Measures throughput and latency of iris in every contestant.
 * @param options `connections`, default 1, 8, 32 and 128, one point each.
 * @throws {Error} When one answers wrongly.
 */
export async function benchWarm(
  options: RunOptions & { readonly seconds: number; readonly connections?: readonly number[] },
): Promise<WarmReport> {
  return await withStore(options.root, async (store, packageDir) => {
    const surroundings = await readSurroundings(options.root);
    const contestants = await measureWarm({
      ...options,
      connections: options.connections ?? CONNECTIONS,
      contestants: await contestantsOf(options.root, store),
      questions: await readQuestions(packageDir),
    });
    return warmReport.parse({
      schema: 'pilotlight.bench.v1',
      kind: 'warm',
      command: options.command,
      runs: options.runs,
      seconds: options.seconds,
      ...surroundings,
      ratios: warmRatios(contestants),
      contestants,
    } satisfies WarmReport);
  });
}

async function withStore<T>(
  root: string,
  measure: (store: CountingStore, packageDir: string) => Promise<T>,
): Promise<T> {
  const packageDir = join(root, 'models', 'iris');
  const store = await startCountingStore(packageDir);
  try {
    return await measure(store, packageDir);
  } finally {
    await store.stop();
  }
}

function contestantsOf(root: string, store: CountingStore): ReturnType<typeof prepareContestants> {
  return prepareContestants({ root, s3: store.settings, modelUri: store.modelUri });
}
