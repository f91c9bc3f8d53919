import { expect, test } from 'vitest';

import {
  boundScale,
  INACTIVE,
  type Activity,
  type ScaleQuestion,
} from '../../../../../knative/local/scaler/scale-bounds.ts';

const SETTINGS = { minScale: 0, maxScale: 10, windowMs: 60_000, retentionMs: 0 };
const QUESTION: ScaleQuestion = { nowMs: 0, desired: 0, current: 1, isReachable: true };
const ACTIVE: Activity = { isActive: true, sinceMs: 0 };

test.each<[string, Partial<typeof SETTINGS>, Partial<ScaleQuestion>, number]>([
  ['max-scale is the most', {}, { desired: 11 }, 10],
  ['min-scale is the least', { minScale: 2 }, { desired: 0, nowMs: 600_000 }, 2],
  [
    'min-scale does not hold what nothing leads to',
    { minScale: 2 },
    { nowMs: 600_000, isReachable: false },
    0,
  ],
  ['anything between stays', {}, { desired: 4 }, 4],
  ['not to zero before it was active for a window', {}, { current: 3, nowMs: 59_999 }, 1],
  ['to zero after a window', {}, { nowMs: 60_000 }, 0],
])('%s', (_, settings, question, scale) => {
  const bounded = boundScale({ ...SETTINGS, ...settings }, ACTIVE, { ...QUESTION, ...question });

  expect(bounded.scale).toBe(scale);
});

test('the last process stays for the retention period, which ends when it is needed again', () => {
  const settings = { ...SETTINGS, retentionMs: 5000 };
  const first = boundScale(settings, ACTIVE, { ...QUESTION, nowMs: 60_000 });
  expect(first).toEqual({ scale: 1, activity: { isActive: false, sinceMs: 60_000 } });

  const needed = boundScale(settings, first.activity, { ...QUESTION, nowMs: 62_000, desired: 1 });
  expect(needed.activity).toEqual({ isActive: true, sinceMs: 62_000 });

  const ask = (nowMs: number): number =>
    boundScale(settings, first.activity, { ...QUESTION, nowMs }).scale;
  expect([ask(64_999), ask(65_000)]).toEqual([1, 0]);
});

test('a revision that was never wanted stays at zero', () => {
  expect(boundScale(SETTINGS, INACTIVE, { ...QUESTION, current: 0 }).scale).toBe(0);
});
