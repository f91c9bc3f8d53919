import type { FilterFields } from './eventing-schema.ts';

/** Where events go. */
export type Destination =
  | { readonly kind: 'service'; readonly name: string; readonly path: string }
  | { readonly kind: 'broker'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'address'; readonly url: string };

/** How a Trigger delivers. */
export interface DeliverySpec {
  /** Attempts after the first one. */
  readonly retry: number;
  readonly backoffPolicy: 'linear' | 'exponential';
  readonly backoffDelayMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** How much `Retry-After` may ask for; `undefined`: it is not looked at. */
  readonly retryAfterMaxMs: number | undefined;
  readonly deadLetterSink: Destination | undefined;
  readonly format: 'binary' | 'json';
}

/** One Broker. */
export interface BrokerSpec {
  readonly namespace: string;
  readonly name: string;
}

/** One Trigger, with what its Broker gives it. */
export interface TriggerSpec {
  readonly namespace: string;
  readonly name: string;
  readonly broker: string;
  /** All must match. */
  readonly filters: readonly TriggerFilter[];
  readonly subscriber: Destination;
  readonly delivery: DeliverySpec;
}

/** A filter of the SubscriptionsAPI, or the older one: values equal, an empty one standing for any. */
export type TriggerFilter =
  | FilterFields
  | { readonly attributes: Readonly<Record<string, string>> };

/** One PingSource. */
export interface PingSpec {
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
  readonly contentType: string | undefined;
  readonly data: Buffer | undefined;
  readonly extensions: Readonly<Record<string, string>>;
  readonly sink: Destination;
}

/** All of Knative Eventing that the manifests have. */
export interface EventingSpec {
  readonly brokers: readonly BrokerSpec[];
  readonly triggers: readonly TriggerSpec[];
  readonly pings: readonly PingSpec[];
}
