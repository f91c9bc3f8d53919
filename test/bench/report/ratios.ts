import type { ContestantName } from '../contestants/contestant.ts';
import type { ColdReport, LargeReport, PodsReport, WarmReport } from './report-schema.ts';
import { rounded } from './statistics.ts';

interface Ratio<Name extends string = ContestantName> {
  of: string;
  to: Name;
  value: number;
  target?: string;
  met?: boolean;
}

/** The targets of a cold start: our median over each one's. */
const COLD_TARGETS: Readonly<Partial<Record<ContestantName, number>>> = {
  floor: 2,
  stock: 1 / 3,
  fastapi: 1 / 5,
};

/** The targets at 32 connections: our requests per second over each one's. */
const WARM_TARGETS: Readonly<Partial<Record<ContestantName, number>>> = { stock: 3.5, fastapi: 80 };
const TARGET_CONNECTIONS = 32;

/** From so many megabytes on, a graph may take at most so many times as long as with the floor. */
const LARGE_TARGETS: readonly (readonly [megabytes: number, limit: number])[] = [
  [100, 1.25],
  [10, 1.5],
];

/** Our start against the floor's, for each size. */
export function largeRatios(models: LargeReport['models']): Ratio[] {
  return models.flatMap(({ graph_mb: size, contestants }) => {
    const medians = contestants.map(({ name, first_answer_ms: { median } }) => ({
      name,
      value: median,
    }));
    const limit = LARGE_TARGETS.find(([megabytes]) => size >= megabytes)?.[1];
    const target =
      limit === undefined
        ? undefined
        : { limit, sign: '≤', isMet: (value: number) => value <= limit };
    return ratiosOf(`first answer of ${Math.round(size)} MB`, medians, () => target);
  });
}

/** The targets of a pod's first answer: our median over each one's. */
const TARGET_MODEL = 'iris';

const POD_TARGETS = { 'go-hello': 1.15, fastapi: 0.6, pilotlight: undefined } as const;

/** Our pod's first answer against the others'. */
export function podRatios(services: PodsReport['services']): PodsReport['ratios'] {
  const medians = services.flatMap((each) =>
    'absent' in each ? [] : [{ name: each.name, value: each.first_answer_ms.median }],
  );
  return ratiosOf('first answer of a pod', medians, (name) => {
    const limit = POD_TARGETS[name];
    return limit === undefined ? undefined : { limit, isMet: (value) => value <= limit, sign: '≤' };
  });
}

/** Our start against everybody's; the targets are those of `iris`. */
export function coldRatios(contestants: ColdReport['contestants'], model: string): Ratio[] {
  const medians = contestants.flatMap((each) =>
    'absent' in each ? [] : [{ name: each.name, value: each.first_answer_ms.median }],
  );
  return ratiosOf('first answer', medians, (name) => {
    const limit = model === TARGET_MODEL ? COLD_TARGETS[name] : undefined;
    return limit === undefined ? undefined : { limit, isMet: (value) => value <= limit, sign: '≤' };
  });
}

/** Our throughput against everybody's, at each number of connections; the targets are those of `iris`. */
export function warmRatios(contestants: WarmReport['contestants'], model: string): Ratio[] {
  const present = contestants.flatMap((each) => ('absent' in each ? [] : [each]));
  const [{ points } = { points: [] }] = present;
  return points.flatMap(({ connections }) => {
    const rates = present.map(({ name, points: own }) => ({
      name,
      value: own.find((each) => each.connections === connections)?.requests_per_second ?? 0,
    }));
    return ratiosOf(`requests/s at ${connections}`, rates, (name) => {
      const isTarget = model === TARGET_MODEL && connections === TARGET_CONNECTIONS;
      const limit = isTarget ? WARM_TARGETS[name] : undefined;
      return limit === undefined
        ? undefined
        : { limit, isMet: (value) => value >= limit, sign: '≥' };
    });
  });
}

/** As a fraction where it is one: 1/3, not 0.33. */
function written(limit: number): string {
  const parts = Math.round(1 / limit);
  return limit < 1 && Math.abs(limit * parts - 1) < 1e-9 ? `1/${parts}` : String(limit);
}

interface Target {
  readonly limit: number;
  readonly sign: string;
  isMet(value: number): boolean;
}

function ratiosOf<Name extends string>(
  of: string,
  medians: readonly { readonly name: Name; readonly value: number }[],
  targetOf: (name: Name) => Target | undefined,
): Ratio<Name>[] {
  const ours = medians.find(({ name }) => name === 'pilotlight');
  if (ours === undefined) return [];
  return medians
    .filter(({ name }) => name !== 'pilotlight')
    .map(({ name, value: theirs }) => {
      const value = ours.value / theirs;
      const target = targetOf(name);
      return {
        of,
        to: name,
        value: rounded(value),
        ...(target === undefined
          ? {}
          : {
              target: `${target.sign} ${written(target.limit)}`,
              met: target.isMet(value),
            }),
      };
    });
}
