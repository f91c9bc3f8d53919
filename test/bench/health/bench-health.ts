import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bareServer, pilotlight } from '../contestants/contestants.ts';
import { readQuestions } from '../contestants/question.ts';
import type { Question } from '../contestants/question.ts';
import { startProcess } from '../contestants/start-process.ts';
import { untilAnswers } from '../contestants/until-answers.ts';
import { makePackage } from '../large/make-package.ts';
import { passesFor } from '../large/run-time.ts';
import { healthReport } from '../report/report-schema.ts';
import type { HealthReport } from '../report/report-schema.ts';
import { median, percentile, rounded } from '../report/statistics.ts';
import { readSurroundings } from '../report/surroundings.ts';
import type { RunOptions } from '../run-bench.ts';
import { startCountingStore } from '../store/counting-store.ts';
import { generateLoad } from '../warm/load.ts';
import { probe } from './probe.ts';

/** Of 4 MB: it stays in the cache, so that a run computes and does not wait for memory. */
const WIDTH = 1024;
const RUN_MS = 20;
/** There is always one that waits. */
const CONNECTIONS = 8;
const TARGET_P99_MS = 10;

type Row = HealthReport['rows'][number];

/**
 * Measures `/healthz` of a function whose model takes 20 ms: with nothing else to do, and while as many
 * requests as it takes keep the model busy; beside them, under the same load of the machine, that of a bare
 * `node:http` server.
 * @throws {Error} When an answer is wrong.
 */
export async function benchHealth(
  options: Omit<RunOptions, 'model'> & { readonly seconds: number },
): Promise<HealthReport> {
  const surroundings = await readSurroundings(options.root);
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-health-'));
  try {
    const passes = await passesFor(WIDTH, RUN_MS);
    await makePackage(dir, { width: WIDTH, layers: 1, passes, maxRows: 1, execution: 'worker' });
    const store = await startCountingStore(dir);
    try {
      const { settings: s3, modelUri } = store;
      const ours = await pilotlight({ root: options.root, model: 'iris', s3, modelUri });
      const served = await startProcess(ours);
      const bare = await startProcess(bareServer(options.root));
      const questions = await readQuestions(dir);
      const [question] = questions as [Question];
      try {
        await untilAnswers(served, question);
        const rounds: Measured[] = [];
        for (let round = 1; round <= options.runs; round += 1) {
          options.onProgress(`round ${round} of ${options.runs}`);
          rounds.push(
            await measureRound({
              port: served.port,
              barePort: bare.port,
              seconds: options.seconds,
              questions,
            }),
          );
        }
        const rows = [
          describe(
            'function, idle',
            rounds.map(({ idle }) => idle),
          ),
          describe(
            'function, model saturated',
            rounds.map(({ saturated }) => saturated),
          ),
          describe(
            'bare node:http beside it',
            rounds.map(({ beside }) => beside),
          ),
        ];
        const p99 = rows[1]?.p99_ms ?? Number.NaN;
        return healthReport.parse({
          schema: 'pilotlight.bench.v1',
          kind: 'health',
          command: options.command,
          runs: options.runs,
          seconds: options.seconds,
          ...surroundings,
          ratios: [],
          run_ms: rounded(median(rounds.map(({ runMs }) => runMs))),
          rows,
          target: `≤ ${TARGET_P99_MS} ms`,
          met: p99 <= TARGET_P99_MS,
        } satisfies HealthReport);
      } finally {
        await Promise.all([served.stop(), bare.stop()]);
      }
    } finally {
      await store.stop();
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}

interface Measured {
  readonly idle: readonly number[];
  readonly saturated: readonly number[];
  readonly beside: readonly number[];
  /** Time of the load for each of its answers: one run of the model, which never rests. */
  readonly runMs: number;
}

async function measureRound(options: {
  readonly port: number;
  readonly barePort: number;
  readonly seconds: number;
  readonly questions: readonly Question[];
}): Promise<Measured> {
  const { port, barePort, seconds, questions } = options;
  const idle = await probe(port, seconds);
  const loading = generateLoad({
    port,
    connections: CONNECTIONS,
    // Until the generator's process is there.
    warmUpSeconds: 1,
    seconds: 2 * seconds,
    questions,
  });
  const probing = (async () => ({
    saturated: await probe(port, seconds + 1),
    beside: await probe(barePort, seconds),
  }))();
  const [load, { saturated, beside }] = await Promise.all([loading, probing]);
  return { idle, saturated, beside, runMs: (load.seconds * 1000) / load.latenciesMs.length };
}

function describe(what: string, rounds: readonly (readonly number[])[]): Row {
  const of = (percent: number): number =>
    rounded(median(rounds.map((latenciesMs) => percentile(latenciesMs, percent))));
  return {
    what,
    p50_ms: of(50),
    p95_ms: of(95),
    p99_ms: of(99),
    answers: rounds.reduce((sum, { length }) => sum + length, 0),
  };
}
