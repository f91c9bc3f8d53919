import { isPresent } from '../contestants/contestant.ts';
import type { AbsentContestant, Contestant, ContestantName } from '../contestants/contestant.ts';
import { startProcess } from '../contestants/start-process.ts';
import { untilAnswers } from '../contestants/until-answers.ts';
import { inOrderOf } from '../cold/measure-cold.ts';
import { readMemory } from '../cold/private-memory.ts';
import type { Memory } from '../cold/private-memory.ts';
import type { Question } from '../contestants/question.ts';
import type { WarmReport } from '../report/report-schema.ts';
import { median, percentile, rounded } from '../report/statistics.ts';
import { generateLoad } from './load.ts';

/** What to load, how often and for how long. */
export interface WarmOptions {
  readonly contestants: readonly (Contestant | AbsentContestant)[];
  readonly questions: readonly Question[];
  readonly runs: number;
  /** Of each point. */
  readonly seconds: number;
  /** How many clients there are at once: one point for each number. */
  readonly connections: readonly number[];
  readonly onProgress: (text: string) => void;
}

interface Point {
  readonly connections: number;
  readonly rate: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly answers: number;
  readonly refused: number;
  /** Of the server for each answer, in microseconds. */
  readonly cpuUs: number | undefined;
}

/** One process, loaded at each number of connections in turn. */
interface Round {
  readonly points: readonly Point[];
  /** At the end. */
  readonly memory: Memory | undefined;
}

/** Compilers and caches settle: a quarter of each point's time is not counted. */
const WARM_UP_SHARE = 0.25;

/** Loads every contestant `runs` times, a fresh process each time, in changing order. */
export async function measureWarm(options: WarmOptions): Promise<WarmReport['contestants']> {
  const { contestants, runs, onProgress } = options;
  const present = contestants.filter(isPresent);
  const rounds = new Map<ContestantName, Round[]>(present.map(({ name }) => [name, []]));
  for (let round = 1; round <= runs; round += 1) {
    for (const contestant of inOrderOf(round, present)) {
      onProgress(`round ${round} of ${runs}: ${contestant.name}`);
      rounds.get(contestant.name)?.push(await measureOnce(contestant, options));
    }
  }
  return contestants.map((contestant) =>
    isPresent(contestant)
      ? describe(contestant, rounds.get(contestant.name) ?? [], options.connections)
      : contestant,
  );
}

async function measureOnce(contestant: Contestant, options: WarmOptions): Promise<Round> {
  const [question] = options.questions;
  if (question === undefined) throw new TypeError('There is no question to ask');
  const child = await startProcess(contestant);
  try {
    await untilAnswers(child, question);
    const points: Point[] = [];
    for (const connections of options.connections) {
      const { latenciesMs, refused, cpuMs, seconds } = await generateLoad({
        port: child.port,
        pid: child.pid,
        connections,
        warmUpSeconds: options.seconds * WARM_UP_SHARE,
        seconds: options.seconds,
        questions: options.questions,
      });
      const answers = latenciesMs.length;
      if (answers === 0) throw new Error(`no answer in ${seconds} s`);
      points.push({
        connections,
        rate: answers / seconds,
        p50: percentile(latenciesMs, 50),
        p95: percentile(latenciesMs, 95),
        p99: percentile(latenciesMs, 99),
        answers,
        refused,
        cpuUs: cpuMs === undefined ? undefined : (cpuMs * 1000) / answers,
      });
    }
    return { points, memory: await readMemory(child.pid) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${contestant.name}: ${message}\n${child.output()}`, { cause });
  } finally {
    await child.stop();
  }
}

type Described = Extract<WarmReport['contestants'][number], { points: unknown }>;

function describe(
  { name, what }: Contestant,
  rounds: readonly Round[],
  connections: readonly number[],
): Described {
  const memories = rounds.flatMap(({ memory }) => (memory === undefined ? [] : [memory]));
  return {
    name,
    what,
    ...(memories.length === 0
      ? {}
      : { private_mb: rounded(median(memories.map((each) => each.private_mb))) }),
    points: connections.map((count, index) =>
      describePoint(
        count,
        rounds.flatMap(({ points }) => points[index] ?? []),
      ),
    ),
  };
}

function describePoint(connections: number, points: readonly Point[]): Described['points'][number] {
  const of = (pick: (point: Point) => number): number => rounded(median(points.map(pick)));
  const cpuUs = points.flatMap((point) => (point.cpuUs === undefined ? [] : [point.cpuUs]));
  return {
    connections,
    requests_per_second: Math.round(median(points.map(({ rate }) => rate))),
    p50_ms: of(({ p50 }) => p50),
    p95_ms: of(({ p95 }) => p95),
    p99_ms: of(({ p99 }) => p99),
    ...(cpuUs.length === 0 ? {} : { cpu_us: Math.round(median(cpuUs)) }),
    answers: points.reduce((sum, { answers }) => sum + answers, 0),
    refused: points.reduce((sum, { refused }) => sum + refused, 0),
  };
}
