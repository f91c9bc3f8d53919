import * as z from 'zod';

import type { Kubectl } from '../../../scripts/deploy/kubectl.ts';
import { podsOf, untilNoPods } from './deployed.ts';
import type { GatewayAnswer } from './gateway.ts';

const ready = z.looseObject({
  message: z.literal('ready'),
  phases_ms: z.record(z.string(), z.number()),
});

/** One cold start, in milliseconds. */
export interface ColdStart {
  /** From the request to its answer, through the gateway. */
  readonly totalMs: number;
  /** What the process says of its own start: phase → time; `ready` is the sum, from its first instant. */
  readonly phases: ReadonlyMap<string, number>;
}

/** What to start, and how to ask it. */
export interface ColdStartTarget {
  readonly kubectl: Kubectl;
  readonly service: string;
  readonly predict: () => Promise<GatewayAnswer>;
}

/**
 * Starts a Service from zero pods, again and again.
 * @throws When an answer is not 200, or a pod does not report its phases.
 */
export async function measureColdStarts(
  count: number,
  { kubectl, service, predict }: ColdStartTarget,
): Promise<ColdStart[]> {
  const starts: ColdStart[] = [];
  for (let i = 0; i < count; i++) {
    await untilNoPods(kubectl, service);
    const answer = await predict();
    if (answer.status !== 200) throw new Error(`Cold start ${i}: status ${answer.status}`);
    const pod = (await podsOf(kubectl, service)).at(-1) ?? '';
    const logs = await kubectl.run(['logs', pod, '--container', service]);
    starts.push({
      totalMs: answer.durationMs,
      phases: new Map(Object.entries(readyLine(logs).phases_ms)),
    });
  }
  return starts;
}

/** The line in which a process says that it is ready. @throws When there is none. */
export function readyLine(logs: string): z.infer<typeof ready> {
  for (const line of logs.split('\n')) {
    const parsed = line.startsWith('{') ? ready.safeParse(JSON.parse(line)) : undefined;
    if (parsed?.success === true) return parsed.data;
  }
  throw new Error(`The process was never ready:\n${logs}`);
}

/** Minimum, median and maximum of the total and of every phase. */
export function tableOf(starts: readonly ColdStart[]): string {
  const rows = new Map<string, number[]>([
    ['total, through the gateway', starts.map(({ totalMs }) => totalMs)],
  ]);
  for (const { phases } of starts) {
    for (const [phase, ms] of phases) {
      const name = phase === 'ready' ? "the process's own, to ready" : `  ${phase}`;
      rows.set(name, [...(rows.get(name) ?? []), ms]);
    }
  }
  const lines = [...rows].map(([name, values]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const shown = [sorted[0], median(sorted), sorted.at(-1)].map((ms) =>
      (ms ?? NaN).toFixed(1).padStart(9),
    );
    return `${name.padEnd(30)}${shown.join('')}`;
  });
  const head = `${`cold start, ms, n = ${starts.length}`.padEnd(30)}      min   median      max`;
  return [head, ...lines].join('\n');
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}
