import * as z from 'zod';

import { templateAnnotations } from './annotations.ts';
import { implemented, noEffect } from './effects.ts';
import { revisionSpec } from './pod-schema.ts';
import { trafficTargets } from './traffic-schema.ts';

const name = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label that starts with a letter');
const labels = noEffect(z.record(z.string(), z.string()).optional(), 'there is nothing to select');
const serviceLabels = z
  .object({
    'networking.knative.dev/visibility': noEffect(
      z.literal('cluster-local').optional(),
      'the router listens on this machine only, for every Service',
    ),
  })
  .catchall(noEffect(z.string(), 'there is nothing to select'))
  .optional();
const serviceAnnotations = z
  .object({
    'serving.knative.dev/rollout-duration': noEffect(
      z.string().optional(),
      'all traffic moves at once, when the new revision is ready',
    ),
  })
  .catchall(noEffect(z.string(), 'nothing here reads the annotations of a Service'))
  .optional();

/**
 * A Knative Service as the stand-in reads it. Every field is implemented, marked as without effect, or
 * refused by name; unknown fields are refused too, so a misspelt one cannot hide.
 */
export const knativeService = z.strictObject({
  apiVersion: noEffect(z.literal('serving.knative.dev/v1'), 'what the object is'),
  kind: noEffect(z.literal('Service'), 'what the object is'),
  metadata: z.strictObject({
    name: implemented(name, 'first part of the path and of the host name; K_SERVICE'),
    namespace: implemented(name.default('default'), 'second part of the host name'),
    labels: serviceLabels,
    annotations: serviceAnnotations,
  }),
  spec: z.strictObject({
    template: z.strictObject({
      metadata: z
        .strictObject({
          name: implemented(name.optional(), 'the revision: K_REVISION'),
          labels,
          annotations: templateAnnotations.default({}),
        })
        .default({ annotations: {} }),
      spec: revisionSpec,
    }),
    traffic: trafficTargets.optional(),
  }),
});

/** A parsed Knative Service manifest. */
export type KnativeService = z.infer<typeof knativeService>;
