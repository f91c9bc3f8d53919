import * as z from 'zod';

import { implemented, noEffect, refused } from './effects.ts';

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

const ONE_PROCESS = 'one process per Service here; scaling above one is not done locally yet';

/** Every annotation of Knative that a revision template may carry here; others of Knative are refused. */
const known = z.strictObject({
  'autoscaling.knative.dev/class': noEffect(
    z.literal('kpa.autoscaling.knative.dev'),
    'there is one autoscaler here',
  ),
  'autoscaling.knative.dev/metric': noEffect(z.enum(['concurrency', 'rps']), ONE_PROCESS),
  'autoscaling.knative.dev/target': noEffect(decimal(0.01, Number.MAX_VALUE), ONE_PROCESS),
  'autoscaling.knative.dev/target-utilization-percentage': noEffect(decimal(1, 100), ONE_PROCESS),
  'autoscaling.knative.dev/target-burst-capacity': noEffect(
    z.string().regex(/^(-1|\d+(\.\d+)?)$/),
    'the router is always in the path here',
  ),
  'autoscaling.knative.dev/min-scale': implemented(
    digits,
    'from 1 the process starts at once and stays; never more than one process here',
  ),
  'autoscaling.knative.dev/max-scale': noEffect(digits, ONE_PROCESS),
  'autoscaling.knative.dev/initial-scale': noEffect(digits, 'the first request starts the process'),
  'autoscaling.knative.dev/activation-scale': noEffect(digits, ONE_PROCESS),
  'autoscaling.knative.dev/window': implemented(
    duration(6000),
    'time without requests after which the process stops (60s when left out)',
  ),
  'autoscaling.knative.dev/scale-down-delay': implemented(duration(0), 'added to the window'),
  'autoscaling.knative.dev/scale-to-zero-pod-retention-period': implemented(
    duration(0),
    'added to the window',
  ),
  'autoscaling.knative.dev/panic-window-percentage': noEffect(decimal(1, 100), ONE_PROCESS),
  'autoscaling.knative.dev/panic-threshold-percentage': noEffect(decimal(110, 1000), ONE_PROCESS),
  'serving.knative.dev/progress-deadline': noEffect(
    z.string().refine((text) => durationMs(text) !== undefined, 'must be a duration such as 600s'),
    'a held request waits as long as timeoutSeconds lets it',
  ),
  'serving.knative.dev/rollout-duration': refused('there is one revision of each Service'),
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
