import { expect, test } from 'vitest';

import { MetricWindow } from '../../../../../knative/local/scaler/metric-window.ts';

// The cases of pkg/autoscaler/aggregation/bucketing_test.go in knative/serving 1.23.

const SECOND = 1000;

test('the average is over the time since the first value, until that fills the window', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'linear');
  window.record(0, 1);
  expect(window.average(0)).toBe(1);

  for (let second = 1; second < 5; second += 1) window.record(second * SECOND, second + 1);

  expect(window.average(4 * SECOND)).toBe(15 / 5);
  expect(window.average(3.6 * SECOND)).toBe(15 / 5);
  // Two seconds without a value: what they would have replaced does not count.
  expect(window.average(6 * SECOND)).toBe((15 - 1 - 2) / 3);
  expect(window.average(10 * SECOND)).toBe(0);
});

test('seconds that were left out between values count as 0', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'linear');
  for (let second = 0; second < 5; second += 1) window.record(second * SECOND, second + 1);

  window.record(6 * SECOND, 91);

  expect(window.average(6 * SECOND)).toBeCloseTo((15 - 1 - 2 + 91) / 5, 6);
});

test('a value after a whole window without any begins anew', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'linear');
  window.record(0, 5);

  window.record(60 * SECOND, 1984);
  expect(window.average(60 * SECOND)).toBe(1984);

  window.record(65 * SECOND, 10);
  expect(window.average(65 * SECOND)).toBe(10);
});

test('a late value counts for its own second, one before the window not at all', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'linear');
  window.record(60 * SECOND, 1984);

  window.record(57 * SECOND, 4);
  expect(window.average(60 * SECOND)).toBe((4 + 1984) / 4);

  window.record(61 * SECOND, 5);
  window.record(56 * SECOND, 10);
  expect(window.average(61 * SECOND)).toBe((4 + 1984 + 5) / 5);
});

test('values of one second add up', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'linear');
  window.record(0, 1);
  window.record(100, 10);

  expect(window.average(500)).toBe(11);
});

test('a sum of fractions that has gone is exactly 0 again', () => {
  const window = new MetricWindow(3 * SECOND, SECOND, 'linear');
  for (const [second, value] of [0.1, 0.2, 0.3, 0, 0, 0].entries()) {
    window.record(second * SECOND, value);
  }

  expect(window.average(5 * SECOND)).toBe(0);
});

test('weighted: the newest values weigh most', () => {
  const window = new MetricWindow(5 * SECOND, SECOND, 'weighted-exponential');
  const weight = 1 - (1 - 0.9999) ** (1 / 5);
  window.record(0, 2);
  expect(window.average(0)).toBeCloseTo(2 * weight, 9);
  expect(window.average(SECOND)).toBeCloseTo(2 * weight * (1 - weight), 9);

  for (let second = 1; second <= 5; second += 1) window.record(second * SECOND, second + 1);

  const rest = 1 - weight;
  const expected = [6, 5, 4, 3, 2].reduce(
    (sum, value, back) => sum + value * weight * rest ** back,
    0,
  );
  expect(window.average(5 * SECOND)).toBeCloseTo(expected, 9);
  expect(window.average(16 * SECOND)).toBe(0);
});

test('weighted: in a long window the newest value has at least a fifth', () => {
  const window = new MetricWindow(100 * SECOND, SECOND, 'weighted-exponential');
  window.record(0, 10);

  expect(window.average(0)).toBeCloseTo(2, 9);
});
