import * as z from 'zod';

import { implemented, noEffect, refused } from './effects.ts';
import { LOCAL_MAX_SCALE } from './local-limits.ts';

const digits = z.string().regex(/^\d+$/, 'must be a whole number in quotes');
const number = z.string().regex(/^\d+(\.\d+)?$/, 'must be a number in quotes');
const decimal = (min: number, max: number): z.ZodString =>
  number.refine((text) => Number(text) >= min && Number(text) <= max, {
    message: `must be from ${min} to ${max}`,
  });

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a Go duration such as `1m30s`; `undefined` when it is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}

/** Knative's bounds: pkg/apis/autoscaling/annotation_validation.go */
const duration = (minMs: number): z.ZodString =>
  z.string().refine(
    (text) => {
      const ms = durationMs(text);
      return ms !== undefined && ms >= minMs && ms <= 3_600_000 && ms % 1000 === 0;
    },
    { message: `must be whole seconds from ${minMs / 1000}s to 1h, such as 30s` },
  );

/** Every annotation of Knative that a revision template may carry here; others of Knative are refused. */
const known = z.strictObject({
  'autoscaling.knative.dev/class': noEffect(
    z.literal('kpa.autoscaling.knative.dev'),
    'there is one autoscaler here',
  ),
  'autoscaling.knative.dev/metric': implemented(
    z.enum(['concurrency', 'rps']),
    'requests open at once, those held in the router included, or requests per second',
  ),
  'autoscaling.knative.dev/metric-aggregation-algorithm': implemented(
    z.enum(['linear', 'weighted-exponential']),
    'mean of the seconds of a window, or one in which the newest weigh most',
  ),
  'autoscaling.knative.dev/target': implemented(
    decimal(0.01, Number.MAX_VALUE),
    'of the metric for each process; never above containerConcurrency',
  ),
  'autoscaling.knative.dev/target-utilization-percentage': implemented(
    decimal(1, 100),
    'share of the target that is aimed at (70 when left out)',
  ),
  'autoscaling.knative.dev/target-burst-capacity': noEffect(
    z.string().regex(/^(-1|\d+(\.\d+)?)$/),
    'the router is always in the path here, as the activator is with -1',
  ),
  'autoscaling.knative.dev/min-scale': implemented(digits, 'processes that start at once and stay'),
  'autoscaling.knative.dev/max-scale': implemented(
    digits,
    `never more processes; none or 0: ${LOCAL_MAX_SCALE} on this machine`,
  ),
  'autoscaling.knative.dev/initial-scale': implemented(
    digits.refine((text) => text !== '0', 'must be at least 1: allow-zero-initial-scale is off'),
    'processes of a new revision before it gets traffic, under --watch; npm start begins at min-scale',
  ),
  'autoscaling.knative.dev/activation-scale': implemented(
    digits.refine((text) => Number(text) >= 2, 'must be at least 2'),
    'processes that a scale above zero has at least',
  ),
  'autoscaling.knative.dev/window': implemented(
    duration(6000),
    'the stable window; without a request in it to zero (60s when left out)',
  ),
  'autoscaling.knative.dev/scale-down-delay': implemented(
    duration(0),
    'the largest scale decided in this time stands',
  ),
  'autoscaling.knative.dev/scale-to-zero-pod-retention-period': implemented(
    duration(0),
    'how long the last process stays after that',
  ),
  'autoscaling.knative.dev/panic-window-percentage': implemented(
    decimal(1, 100),
    'of the stable window, in whole seconds (10 when left out)',
  ),
  'autoscaling.knative.dev/panic-threshold-percentage': implemented(
    decimal(110, 1000),
    'of the ready processes: when as many are needed, nothing is taken away for a window (200)',
  ),
  'serving.knative.dev/progress-deadline': implemented(
    z.string().refine((text) => durationMs(text) !== undefined, 'must be a duration such as 600s'),
    'how long a new revision may take to be ready, under --watch (600s when left out)',
  ),
  'serving.knative.dev/no-gc': noEffect(
    z.enum(['true', 'false']),
    'the last 20 revisions are kept, and those with traffic or a tag',
  ),
  'serving.knative.dev/rollout-duration': refused(
    'Knative reads it on the Service, not on the template',
  ),
  'features.knative.dev/http-full-duplex': noEffect(
    z.enum(['Enabled', 'Disabled']),
    'the router is always full duplex',
  ),
});

const knownKeys = new Set(Object.keys(known.shape));

/**
 * The annotations of a revision template: Knative's own are checked one by one, those of others are let
 * through.
 */
export const templateAnnotations = known
  .partial()
  .catchall(noEffect(z.string(), 'not Knative: nothing here reads it'))
  .superRefine((annotations, context) => {
    for (const key of Object.keys(annotations)) {
      const [domain = ''] = key.split('/');
      if (!knownKeys.has(key) && /(^|\.)knative\.dev$/.test(domain)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'is not an annotation that the local stand-in knows',
        });
      }
    }
  });
