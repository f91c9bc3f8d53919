import { join } from 'node:path';

import { measureCold } from './cold/measure-cold.ts';
import type { ContestantContext, ContestantName } from './contestants/contestant.ts';
import { prepareContestants, readersOf } from './contestants/contestants.ts';
import { readQuestions } from './contestants/question.ts';
import { coldRatios, warmRatios } from './report/ratios.ts';
import { coldReport, warmReport } from './report/report-schema.ts';
import type { ColdReport, WarmReport } from './report/report-schema.ts';
import { readSurroundings } from './report/surroundings.ts';
import { startCountingStore } from './store/counting-store.ts';
import type { CountingStore } from './store/counting-store.ts';
import { measureWarm } from './warm/measure-warm.ts';

/** What every measurement is told. */
export interface RunOptions {
  /** The clone. */
  readonly root: string;
  /** Whose package and function. @default 'iris' */
  readonly model?: string;
  /** Who is compared. @default everybody who serves the model; of a cold start, all but the serving peers */
  readonly against?: readonly ContestantName[] | undefined;
  readonly runs: number;
  /** What was typed, for the report. */
  readonly command: string;
  readonly onProgress: (text: string) => void;
}

/** The others take many seconds, which says nothing more. */
const COLD: readonly ContestantName[] = ['pilotlight', 'floor', 'stock', 'fastapi'];

/**
 * Measures cold starts of a model in every contestant.
 * @throws {Error} When one answers wrongly, or is not what it claims to be.
 */
export async function benchCold(options: RunOptions): Promise<ColdReport> {
  return await withStore(options, async (store, packageDir) => {
    const surroundings = await readSurroundings(options.root);
    const contestants = await measureCold({
      ...options,
      store,
      contestants: await prepareContestants(contextOf(options, store), options.against ?? COLD),
      questions: await readQuestions(packageDir),
    });
    return coldReport.parse({
      schema: 'pilotlight.bench.v1',
      kind: 'cold',
      command: options.command,
      runs: options.runs,
      ...surroundings,
      ratios: coldRatios(contestants, options.model ?? 'iris'),
      contestants,
    } satisfies ColdReport);
  });
}

/**
 * Measures throughput and latency of a model in every contestant.
 * @param options `connections`, one point for each number; `instances` in each request, default
 *   one by itself; see {@link readersOf}.
 * @throws {Error} When one answers wrongly.
 */
export async function benchWarm(
  options: RunOptions & {
    readonly seconds: number;
    readonly connections: readonly number[];
    readonly instances?: number;
  },
): Promise<WarmReport> {
  const { instances = 1 } = options;
  return await withStore(options, async (store, packageDir) => {
    const surroundings = await readSurroundings(options.root);
    const contestants = await measureWarm({
      ...options,
      contestants: await prepareContestants(
        contextOf(options, store),
        readersOf(options.model ?? 'iris', instances, options.against),
      ),
      questions: await readQuestions(packageDir, instances),
    });
    return warmReport.parse({
      schema: 'pilotlight.bench.v1',
      kind: 'warm',
      command: options.command,
      runs: options.runs,
      seconds: options.seconds,
      ...surroundings,
      ratios: warmRatios(contestants, options.model ?? 'iris'),
      contestants,
    } satisfies WarmReport);
  });
}

async function withStore<T>(
  { root, model = 'iris' }: RunOptions,
  measure: (store: CountingStore, packageDir: string) => Promise<T>,
): Promise<T> {
  const packageDir = join(root, 'models', model);
  const store = await startCountingStore(packageDir);
  try {
    return await measure(store, packageDir);
  } finally {
    await store.stop();
  }
}

function contextOf({ root, model = 'iris' }: RunOptions, store: CountingStore): ContestantContext {
  return { root, model, s3: store.settings, modelUri: store.modelUri };
}
