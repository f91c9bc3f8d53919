import { expect, test } from 'vitest';

import { scaleSettings } from '../../../../../knative/local/manifests/scale-settings.ts';

const annotated = (names: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names).map(([name, value]) => [`autoscaling.knative.dev/${name}`, value]),
  );

// Targets as pkg/reconciler/autoscaling/resources/target.go of knative/serving computes them, with the
// utilisation of 70 % that config-autoscaler has.
test.each<[string, Record<string, string>, number, number]>([
  ['nothing given: 100', {}, 0, 70],
  ['containerConcurrency in its place', {}, 12, 8.4],
  ['a target of its own', { target: '10' }, 0, 7],
  ['the smaller of both', { target: '10' }, 4, 2.8],
  ['the smaller of both, the other way', { target: '1' }, 10, 0.7],
  ['utilisation', { target: '10', 'target-utilization-percentage': '75' }, 0, 7.5],
  ['never below 0.01', { target: '0.01', 'target-utilization-percentage': '1' }, 0, 0.01],
  ['requests per second', { metric: 'rps' }, 4, 140],
  ['requests per second, given', { metric: 'rps', target: '50' }, 4, 35],
])('target: %s', (_, annotations, containerConcurrency, target) => {
  expect(scaleSettings(annotated(annotations), containerConcurrency).target).toBeCloseTo(target, 9);
});

test.each([
  ['60s', '10', 6000],
  ['6s', '10', 1000],
  ['16s', '10', 2000],
  ['14s', '10', 1000],
  ['1h', '100', 3_600_000],
])('panic window of %s at %s %% is %d ms', (window, percentage, expected) => {
  const annotations = annotated({ window, 'panic-window-percentage': percentage });

  expect(scaleSettings(annotations, 0).panicWindowMs).toBe(expected);
});

test('times, bounds and the aggregation are as given', () => {
  const annotations = annotated({
    window: '30s',
    'scale-down-delay': '1m30s',
    'scale-to-zero-pod-retention-period': '5s',
    'panic-threshold-percentage': '150',
    'min-scale': '1',
    'max-scale': '7',
    'initial-scale': '3',
    'activation-scale': '2',
    'metric-aggregation-algorithm': 'weighted-exponential',
  });

  expect(scaleSettings(annotations, 0)).toMatchObject({
    windowMs: 30_000,
    scaleDownDelayMs: 90_000,
    retentionMs: 5000,
    panicThreshold: 1.5,
    minScale: 1,
    maxScale: 7,
    initialScale: 3,
    activationScale: 2,
    aggregation: 'weighted-exponential',
  });
});

test('a Service without max-scale has a bound on this machine', () => {
  expect(scaleSettings({}, 0).maxScale).toBe(20);
  expect(scaleSettings(annotated({ 'max-scale': '0', 'min-scale': '30' }), 0).maxScale).toBe(30);
});
