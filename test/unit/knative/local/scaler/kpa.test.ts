import { describe, expect, test } from 'vitest';

import {
  CALM,
  decideScale,
  type KpaObservation,
  type KpaSettings,
  type KpaState,
} from '../../../../../knative/local/scaler/kpa.ts';

// The cases, and what they expect, are those of pkg/autoscaler/scaling/autoscaler_test.go in knative/serving
// 1.23, unless a comment says that they are computed by hand from the formula.

const SETTINGS: KpaSettings = {
  target: 10,
  activationScale: 1,
  windowMs: 60_000,
  panicThreshold: 2,
  scaleDownDelayMs: 0,
  maxScaleUpRate: 10,
  maxScaleDownRate: 10,
  tickMs: 2000,
};
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** An autoscaler with its memory. */
function autoscaler(settings: Partial<KpaSettings> = {}, before: KpaState = CALM) {
  let state = before;
  return {
    decide(observation: Partial<KpaObservation>): number {
      const decision = decideScale({ ...SETTINGS, ...settings }, state, {
        nowMs: 0,
        stable: 0,
        panic: 0,
        ready: 1,
        isReachable: true,
        ...observation,
      });
      ({ state } = decision);
      return decision.desired;
    },
    isPanicking: () => state.panicMs !== undefined,
    panicMs: () => state.panicMs,
  };
}

describe('one decision', () => {
  test.each<[string, Partial<KpaSettings>, Partial<KpaObservation>, number]>([
    ['nothing measured wants nothing', {}, {}, 0],
    ['stable 50 over target 10', {}, { stable: 50, panic: 50 }, 5],
    ['the same, scaled already', {}, { stable: 50, panic: 50, ready: 5 }, 5],
    ['far below the target', { target: 181 }, { stable: 21, panic: 26 }, 1],
    ['the panic window when it alone is twice the ready', {}, { stable: 50, panic: 100 }, 10],
    [
      'a small up rate still grows by one',
      { target: 1, maxScaleUpRate: 1.1 },
      { stable: 3, panic: 3.1, ready: 2 },
      3,
    ],
    ['up to ten times the ready', {}, { stable: 1000, panic: 1001 }, 10],
    ['up to ten times the ready again', {}, { stable: 1000, panic: 1001, ready: 10 }, 100],
    ['no ready process counts as one', {}, { stable: 1000, panic: 888, ready: 0 }, 10],
    ['a small down rate', { maxScaleDownRate: 1.1 }, { stable: 1, panic: 1, ready: 100 }, 90],
    [
      'no down rate when nothing leads there',
      { maxScaleDownRate: 1.1 },
      { stable: 1, panic: 1, ready: 100, isReachable: false },
      1,
    ],
    ['down to a tenth of the ready', {}, { stable: 1, panic: 1, ready: 100 }, 10],
    ['activation scale does not wake what is at zero', { activationScale: 2 }, {}, 0],
    ['activation scale lifts one to two', { activationScale: 2 }, { stable: 1 }, 2],
    // By hand: ⌈0.000001 ÷ 70⌉ = 1, and 140 ÷ 70 is exactly 2.
    ['any request at all wants one', { target: 70 }, { stable: 0.000001 }, 1],
    ['a whole quotient is not rounded up', { target: 70 }, { stable: 140, panic: 0, ready: 2 }, 2],
    // By hand: the default down rate of 2, from 5 ready ⌊5 ÷ 2⌋ = 2.
    ['half of the ready by default', { maxScaleDownRate: 2 }, { stable: 1, ready: 5 }, 2],
  ])('%s', (_, settings, observation, desired) => {
    expect(autoscaler(settings).decide(observation)).toBe(desired);
  });
});

describe('panic', () => {
  test('begins at the threshold, not below', () => {
    const calm = autoscaler();
    calm.decide({ stable: 50, panic: 190, ready: 10 });
    expect(calm.isPanicking()).toBe(false);

    const panicking = autoscaler();
    panicking.decide({ stable: 50, panic: 191, ready: 10 });
    expect(panicking.isPanicking()).toBe(true);
  });

  test('takes nothing away for a stable window, then everything', () => {
    const kpa = autoscaler();
    expect(kpa.decide({ stable: 100, panic: 100, nowMs: 0 })).toBe(10);
    expect(kpa.decide({ stable: 100, panic: 1000, ready: 10, nowMs: 0 })).toBe(100);
    expect(kpa.decide({ stable: 1, panic: 1, ready: 10, nowMs: 30 * SECOND })).toBe(100);
    expect(kpa.decide({ stable: 1, panic: 1, ready: 10, nowMs: MINUTE })).toBe(100);
    expect(kpa.decide({ stable: 1, panic: 1, ready: 10, nowMs: 61 * SECOND })).toBe(1);
    expect(kpa.isPanicking()).toBe(false);
  });

  test('follows load that grows sixfold each time', () => {
    const kpa = autoscaler({ target: 1 });
    expect(kpa.decide({ stable: 6, panic: 6, ready: 1 })).toBe(6);
    expect(kpa.decide({ stable: 36, panic: 36, ready: 6 })).toBe(36);
    expect(kpa.decide({ stable: 216, panic: 216, ready: 36, nowMs: SECOND })).toBe(216);
    expect(kpa.decide({ stable: 1296, panic: 1296, ready: 216, nowMs: SECOND })).toBe(1296);
    expect(kpa.panicMs()).toBe(SECOND);
    expect(kpa.decide({ stable: 1296, panic: 1296, ready: 1296, nowMs: 2 * SECOND })).toBe(1296);
    expect(kpa.panicMs()).toBe(SECOND);
  });

  test('is over after a slow increase, and the stable window decides again', () => {
    const kpa = autoscaler({ target: 1 });
    expect(kpa.decide({ stable: 11, panic: 25, ready: 10 })).toBe(25);
    expect(kpa.decide({ stable: 30, panic: 41, ready: 40, nowMs: 30 * SECOND })).toBe(41);
    expect(kpa.panicMs()).toBe(0);
    expect(kpa.decide({ stable: 50, panic: 56, ready: 55, nowMs: 62 * SECOND })).toBe(50);
    expect(kpa.isPanicking()).toBe(false);
  });

  test('is extended while the surge goes on', () => {
    const kpa = autoscaler({ target: 1 });
    kpa.decide({ stable: 11, panic: 25, ready: 10 });
    expect(kpa.decide({ stable: 30, panic: 80, ready: 40, nowMs: 30 * SECOND })).toBe(80);
    expect(kpa.panicMs()).toBe(30 * SECOND);
  });

  test.each([
    ['larger', 50, 30, 50],
    ['smaller', 20, 30, 30],
  ])('counts the stable window when that is %s', (_, stable, panic, desired) => {
    const kpa = autoscaler({ target: 1 }, { panicMs: -5 * SECOND, panicScale: 5, recent: [] });

    expect(kpa.decide({ stable, panic, ready: 5 })).toBe(desired);
  });
});

describe('scale-down-delay', () => {
  const delayed = { scaleDownDelayMs: 5 * MINUTE, panicThreshold: 100 };

  test('lets the scale stand for that long', () => {
    const kpa = autoscaler(delayed);
    expect(kpa.decide({ stable: 40, panic: 40, nowMs: 2 * SECOND })).toBe(4);
    expect(kpa.decide({ nowMs: 5 * MINUTE })).toBe(4);
    expect(kpa.decide({ nowMs: 5 * MINUTE + 2 * SECOND })).toBe(0);
  });

  test('lets each scale go in its own time', () => {
    const kpa = autoscaler(delayed);
    expect(kpa.decide({ stable: 40, panic: 40, nowMs: 9 * MINUTE })).toBe(4);
    expect(kpa.decide({ stable: 30, panic: 30, nowMs: 10 * MINUTE })).toBe(4);
    expect(kpa.decide({ nowMs: 11 * MINUTE })).toBe(4);
    expect(kpa.decide({ nowMs: 14 * MINUTE })).toBe(3);
    expect(kpa.decide({ nowMs: 15 * MINUTE })).toBe(0);
  });

  test('does not hold what nothing leads to', () => {
    const kpa = autoscaler(delayed);
    kpa.decide({ stable: 40, panic: 40, nowMs: 2 * SECOND });
    expect(kpa.decide({ nowMs: MINUTE })).toBe(4);
    expect(kpa.decide({ nowMs: MINUTE, isReachable: false })).toBe(0);
  });

  test('of 0 takes away at once, within one tick too', () => {
    const kpa = autoscaler({ panicThreshold: 100 });
    expect(kpa.decide({ stable: 40, panic: 40 })).toBe(4);
    expect(kpa.decide({ stable: 20, panic: 20, nowMs: 500 })).toBe(2);
  });
});
