import { isPresent } from '../contestants/contestant.ts';
import type { AbsentContestant, Contestant, ContestantName } from '../contestants/contestant.ts';
import type { Question } from '../contestants/question.ts';
import type { ColdReport } from '../report/report-schema.ts';
import { median, rounded, summarize } from '../report/statistics.ts';
import type { CountingStore } from '../store/counting-store.ts';
import { coldStart } from './cold-start.ts';
import type { ColdStart } from './cold-start.ts';

/** What to start, how often, and with what. */
export interface ColdOptions {
  readonly contestants: readonly (Contestant | AbsentContestant)[];
  readonly questions: readonly Question[];
  readonly store: CountingStore;
  readonly runs: number;
  readonly onProgress: (text: string) => void;
}

/**
 * Starts every contestant `runs` times, interleaved, each round in another order: what else the machine
 * does meanwhile meets all of them. A round before the first is not counted: it fills the page cache.
 */
export async function measureCold(options: ColdOptions): Promise<ColdReport['contestants']> {
  const { contestants, questions, store, runs, onProgress } = options;
  const present = contestants.filter(isPresent);
  const starts = new Map<ContestantName, ColdStart[]>(present.map(({ name }) => [name, []]));
  let asked = 0;
  for (let round = 0; round <= runs; round += 1) {
    onProgress(round === 0 ? 'warming up' : `round ${round} of ${runs}`);
    for (const contestant of inOrderOf(round, present)) {
      const question = questions[asked++ % questions.length];
      if (question === undefined) throw new TypeError('There is no question to ask');
      const start = await coldStart(contestant, question, store);
      if (round > 0) starts.get(contestant.name)?.push(start);
    }
  }
  return contestants.map((contestant) =>
    isPresent(contestant) ? describe(contestant, starts.get(contestant.name) ?? []) : contestant,
  );
}

/** Another first one each round, and every other round backwards. */
export function inOrderOf<T>(round: number, items: readonly T[]): readonly T[] {
  const first = round % Math.max(1, items.length);
  const turned = [...items.slice(first), ...items.slice(0, first)];
  return Math.floor(round / Math.max(1, items.length)) % 2 === 0 ? turned : turned.toReversed();
}

function describe(
  { name, what, weights }: Contestant,
  starts: readonly ColdStart[],
): ColdReport['contestants'][number] {
  const memories = starts.flatMap(({ memory }) => (memory === undefined ? [] : [memory]));
  const cpuTimes = starts.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs]));
  const infos = starts.flatMap(({ info }) => (info === undefined ? [] : [info.cold_start]));
  const [phases] = infos;
  return {
    name,
    what,
    first_answer_ms: summarize(starts.map(({ firstAnswerMs }) => firstAnswerMs)),
    all_ms: starts.map(({ firstAnswerMs }) => rounded(firstAnswerMs)),
    ...(cpuTimes.length === 0 ? {} : { cpu_ms: summarize(cpuTimes) }),
    ...(memories.length === 0
      ? {}
      : {
          memory: {
            private_mb: median(memories.map((each) => each.private_mb)),
            private_dirty_mb: median(memories.map((each) => each.private_dirty_mb)),
            rss_mb: median(memories.map((each) => each.rss_mb)),
          },
        }),
    weights,
    store_requests: median(starts.map(({ storeRequests }) => storeRequests.length)),
    ...(phases === undefined
      ? {}
      : {
          code_cache: 'accepted' as const,
          phases_ms: Object.fromEntries(
            Object.keys(phases.phases_ms).map((phase) => [
              phase,
              rounded(median(infos.map((info) => info.phases_ms[phase] ?? 0))),
            ]),
          ),
        }),
  };
}
