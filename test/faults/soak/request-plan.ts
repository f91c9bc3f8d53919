import { troublesomeRows } from '../../support/troublesome-model.ts';
import type { TroublesomeRow } from '../../support/troublesome-model.ts';

/** When a client goes away: in the middle of its body, after it, or when the answer begins. */
export type Disconnect = 'in-body' | 'after-body' | 'in-answer';

/** One request of a soak, and what is known of its right answer. */
export interface PlannedRequest {
  readonly id: string;
  readonly rows: readonly TroublesomeRow[];
  /** In the order that they are asked for. */
  readonly outputs: readonly ('y' | 'z')[];
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** May the answer be 504? */
  readonly isHasty: boolean;
  readonly isMalformed: boolean;
  readonly disconnect: Disconnect | undefined;
}

/** How often what happens, from 0 to 1. */
export interface Rates {
  readonly crash: number;
}

/** The next request, the same one for the same numbers. Every value in a soak occurs once. */
export function planRequest(random: () => number, number: number, rates: Rates): PlannedRequest {
  const chance = (probability: number): boolean => random() < probability;
  const below = (bound: number): number => Math.floor(random() * bound);
  const count = chance(0.02) ? 40 + below(160) : 1 + below(chance(0.3) ? 12 : 2);
  const rounds = chance(0.1) ? below(2000) : 0;
  const [crashing, failing] = [chance(rates.crash), chance(0.03)];
  const at = below(count);
  // Far below 2^24, above which not every whole number is a float.
  const first = (number % 20_000) * 256;
  const rows = Array.from({ length: count }, (_, row) => ({
    value: first + row,
    rounds,
    crashes: crashing && row === at,
    fails: failing && row === at,
  }));
  const outputs = ([['y', 'z'], ['y'], ['z', 'y']] as const)[below(3)] as PlannedRequest['outputs'];
  const isMalformed = chance(0.02);
  const deadlineMs = chance(0.08) ? 1 + below(60) : undefined;
  const timeoutUs = chance(0.05) ? 1 + below(20_000) : undefined;
  const { shape, data } = troublesomeRows(rows);
  const id = `request-${number}`;
  const body = JSON.stringify({
    id,
    inputs: [{ name: 'x', datatype: 'FP32', shape, data: [...(data as Float32Array)] }],
    outputs: outputs.map((name) => ({ name })),
    ...(timeoutUs === undefined ? {} : { parameters: { timeout: timeoutUs } }),
  });
  return {
    id,
    rows,
    outputs,
    body: isMalformed ? body.slice(0, -1 - below(body.length - 1)) : body,
    headers: deadlineMs === undefined ? {} : { 'x-request-timeout-ms': String(deadlineMs) },
    isHasty: deadlineMs !== undefined || timeoutUs !== undefined,
    isMalformed,
    disconnect: chance(0.04)
      ? (['in-body', 'after-body', 'in-answer'] as const)[below(3)]
      : undefined,
  };
}
