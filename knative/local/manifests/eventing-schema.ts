import * as z from 'zod';

import { durationMs } from './duration.ts';
import { implemented, noEffect, refused } from './effects.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a DNS name');
const duration = z
  .string()
  .refine((text) => durationMs(text) !== undefined, 'must be an ISO 8601 duration such as PT0.2S');
const labels = noEffect(z.record(z.string(), z.string()).optional(), 'there is nothing to select');

const ref = z.strictObject({
  apiVersion: z.string().min(1),
  kind: z.enum(['Service', 'Broker'], { error: 'must be a Service or a Broker' }),
  name,
  namespace: name.optional(),
});

/** An object's metadata: what name and namespace do, and why its annotations do nothing. */
const metadata = (says: Readonly<Record<'name' | 'namespace' | 'annotations', string>>) =>
  z.strictObject({
    name: implemented(name, says.name),
    namespace: implemented(name.default('default'), says.namespace),
    labels,
    annotations: noEffect(z.record(z.string(), z.string()).optional(), says.annotations),
  });

/** Where events go: a Knative Service or a Broker of these manifests, with a path, or any address. */
const destination = z
  .strictObject({
    ref: ref.optional(),
    uri: z.string().min(1).optional(),
    CACerts: refused('everything here is plain HTTP'),
    audience: refused('there are no tokens here'),
  })
  .refine((one) => one.ref !== undefined || one.uri !== undefined, 'must have ref or uri');

/** A parsed destination. */
export type DestinationFields = z.infer<typeof destination>;

const delivery = z.strictObject({
  retry: implemented(z.int().min(0).optional(), 'further attempts after a failure'),
  backoffPolicy: implemented(
    z.enum(['linear', 'exponential']).optional(),
    'the pause before attempt n: delay × n, or delay × 2ⁿ, from 0',
  ),
  backoffDelay: implemented(duration.optional(), 'of the pauses between attempts'),
  timeout: implemented(duration.optional(), 'of each attempt; 300 s without it'),
  retryAfterMax: implemented(
    duration.optional(),
    'up to this, Retry-After of 429 and 503 makes a pause longer; clusters need a feature flag for it',
  ),
  deadLetterSink: implemented(
    destination.optional(),
    'gets what could not be delivered, with knativeerrordest, -code and -data',
  ),
  format: implemented(
    z.enum(['json', 'binary']).optional(),
    'json: events are sent in structured mode',
  ),
});

/** Parsed delivery options. */
export type DeliveryFields = z.infer<typeof delivery>;

const attributes = z
  .record(z.string().regex(/^[a-z][a-z0-9]*$/, 'must be an attribute name'), z.string().min(1))
  .refine((one) => Object.keys(one).length > 0, 'must name an attribute');

/** One filter of the SubscriptionsAPI: exactly one of the dialects. */
export type FilterFields =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly FilterFields[] }
  | { readonly any: readonly FilterFields[] }
  | { readonly not: FilterFields };

const filter: z.ZodType<FilterFields> = z.lazy(() =>
  z
    .strictObject({
      exact: attributes.optional(),
      prefix: attributes.optional(),
      suffix: attributes.optional(),
      all: z.array(filter).min(1).optional(),
      any: z.array(filter).min(1).optional(),
      not: filter.optional(),
      cesql: refused('CESQL is not implemented: write exact, prefix, suffix, all, any, not'),
    })
    .refine(
      (one) => Object.values(one).filter((value) => value !== undefined).length === 1,
      'must have exactly one of exact, prefix, suffix, all, any, not',
    )
    .transform((one) => one as FilterFields),
);

/** A Knative Broker as the stand-in reads it. */
export const broker = z.strictObject({
  apiVersion: noEffect(z.literal('eventing.knative.dev/v1'), 'what the object is'),
  kind: noEffect(z.literal('Broker'), 'what the object is'),
  metadata: metadata({
    name: 'second part of the broker’s path',
    namespace: 'first part of the broker’s path',
    annotations:
      'class and channel: here it is always the local broker, which keeps events on disk',
  }),
  spec: z
    .strictObject({
      config: noEffect(z.record(z.string(), z.unknown()).optional(), 'the local broker has none'),
      delivery: delivery.optional(),
    })
    .default({}),
});

/** A Knative Trigger as the stand-in reads it. */
export const trigger = z.strictObject({
  apiVersion: noEffect(z.literal('eventing.knative.dev/v1'), 'what the object is'),
  kind: noEffect(z.literal('Trigger'), 'what the object is'),
  metadata: metadata({
    name: 'its queue in /_local',
    namespace: 'that of its broker',
    annotations: 'order of delivery: here events are delivered side by side',
  }),
  spec: z.strictObject({
    broker: implemented(name, 'where its events come from'),
    brokerRef: refused('name a Broker of the same namespace: broker'),
    filter: implemented(
      z.strictObject({ attributes: z.record(z.string(), z.string()).optional() }).optional(),
      'all attributes equal; an empty one: any value; overridden by filters',
    ),
    filters: implemented(z.array(filter).optional(), 'all of them must match'),
    subscriber: implemented(destination, 'gets the events; its reply enters the broker'),
    delivery: delivery.optional(),
  }),
});

/** A Knative PingSource as the stand-in reads it. */
export const pingSource = z.strictObject({
  apiVersion: noEffect(z.literal('sources.knative.dev/v1'), 'what the object is'),
  kind: noEffect(z.literal('PingSource'), 'what the object is'),
  metadata: metadata({
    name: 'part of its events’ source',
    namespace: 'part of its events’ source',
    annotations: 'nothing here reads them',
  }),
  spec: z.strictObject({
    schedule: implemented(z.string().min(1), 'when it sends, in UTC'),
    timezone: refused('schedules are in UTC'),
    contentType: implemented(z.string().min(1).optional(), 'of the data'),
    data: implemented(z.string().optional(), 'what it sends'),
    dataBase64: implemented(z.base64().optional(), 'what it sends'),
    sink: implemented(destination, 'where it sends to'),
    ceOverrides: z
      .strictObject({
        extensions: implemented(
          z.record(z.string().regex(/^[a-z0-9]{1,20}$/), z.string()).optional(),
          'extensions of its events',
        ),
      })
      .optional(),
  }),
});
