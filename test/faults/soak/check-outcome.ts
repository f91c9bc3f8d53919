import { expect } from 'vitest';

import type { PlannedRequest } from './request-plan.ts';
import type { Outcome } from './send.ts';

interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly details?: readonly { readonly instance?: number }[];
}

/**
 * Asserts that what came back is an answer to this request: its own numbers, or an error that it may get.
 * Returns what it was: `answered`, `gone`, or the code of the error.
 */
export function checkOutcome(planned: PlannedRequest, outcome: Outcome): string {
  if (outcome === 'gone') {
    expect(planned.disconnect, planned.id).toBeDefined();
    return 'gone';
  }
  const { status, retryAfter, text } = outcome;
  if (status === 200) {
    checkAnswer(planned, text);
    return 'answered';
  }
  const { code, details } = JSON.parse(text) as ErrorBody;
  const { rows, isMalformed, isHasty } = planned;
  const failing = rows.findIndex(({ fails = false }) => fails);
  const mayGet: Readonly<Record<string, boolean>> = {
    INVALID_REQUEST: isMalformed || failing !== -1,
    QUEUE_FULL: true,
    INFERENCE_TIMEOUT: isHasty,
    INFERENCE_FAILED: rows.some(({ crashes = false }) => crashes),
  };
  expect(mayGet[code], `${planned.id} got ${status}: ${text.slice(0, 300)}`).toBe(true);
  if (code === 'QUEUE_FULL') expect(Number(retryAfter), planned.id).toBeGreaterThanOrEqual(1);
  if (code === 'INVALID_REQUEST' && !isMalformed && rows.length > 1) {
    expect(details?.[0]?.instance, planned.id).toBe(failing);
  }
  return code;
}

function checkAnswer({ id, rows, outputs, isMalformed }: PlannedRequest, text: string): void {
  const answer = JSON.parse(text) as {
    readonly id: string;
    readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
  };
  // Compared as text: an assertion on each number of a hundred thousand answers would be the slowest part.
  const factor = { y: 2, z: -1 } as const;
  const right = outputs.map((name) => [name, rows.map(({ value }) => factor[name] * value)]);
  const got = answer.outputs.map(({ name, data }) => [name, data]);
  if (JSON.stringify([answer.id, got]) !== JSON.stringify([id, right])) {
    expect([answer.id, got]).toEqual([id, right]);
  }
  const isTroubled = rows.some(({ fails = false, crashes = false }) => fails || crashes);
  expect(isTroubled || isMalformed, id).toBe(false);
}
