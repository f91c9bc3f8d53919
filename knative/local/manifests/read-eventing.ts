import type * as z from 'zod';

import { nextRun } from '../broker/schedule.ts';
import { fieldEffects, type FieldEffect } from './effects.ts';
import { durationMs } from './duration.ts';
import {
  broker,
  type DeliveryFields,
  type DestinationFields,
  pingSource,
  trigger,
} from './eventing-schema.ts';
import type { DeliverySpec, Destination, EventingSpec } from './eventing-spec.ts';
import { describeIssue } from './describe-issue.ts';
import { type Manifest, ManifestError, manifestName, stringAt } from './manifest.ts';
import type { ServiceSpec } from './read-services.ts';

/** What was read, and what each field of each object does here. */
export interface EventingReading {
  readonly spec: EventingSpec;
  readonly effects: readonly {
    readonly object: string;
    readonly effects: readonly FieldEffect[];
  }[];
}

/** Groups of Knative whose objects deliver events: none of them may be overlooked. */
const GROUPS = /^(?:eventing|messaging|flows|sources|sinks)\.knative\.dev\//;
/** Longest time of one attempt where nothing is said: as long as a Service may take by default. */
const TIMEOUT_MS = 300_000;
/** What a cluster gives a Broker that says nothing: the ConfigMap `config-br-defaults`. */
const CLUSTER_DEFAULT = {
  retry: 10,
  backoffPolicy: 'exponential',
  backoffDelay: 'PT0.2S',
} as const;

/**
 * Reads Brokers, Triggers and PingSources among `manifests`.
 * @param services What they may lead to.
 * @throws {ManifestError} With every fault of every object; also for other objects of Knative Eventing.
 */
export function readEventing(
  manifests: readonly Manifest[],
  services: readonly Pick<ServiceSpec, 'name'>[],
): EventingReading {
  const reader = new EventingReader(services.map(({ name }) => name));
  const ours = manifests.filter(({ object }) => GROUPS.test(stringAt(object, 'apiVersion')));
  // A Trigger looks at its Broker.
  for (const kind of ['Broker', 'Trigger', 'PingSource']) {
    for (const one of ours) if (stringAt(one.object, 'kind') === kind) reader.read(one);
  }
  for (const one of ours) reader.refuseOther(one);
  // Several Triggers of one Broker have its faults in common.
  if (reader.faults.length > 0) throw new ManifestError([...new Set(reader.faults)]);
  return reader.result();
}

class EventingReader {
  readonly faults: string[] = [];
  readonly #services: readonly string[];
  readonly #brokers: z.infer<typeof broker>[] = [];
  readonly #triggers: EventingSpec['triggers'][number][] = [];
  readonly #pings: EventingSpec['pings'][number][] = [];
  readonly #effects: EventingReading['effects'][number][] = [];

  constructor(services: readonly string[]) {
    this.#services = services;
  }

  result(): EventingReading {
    const brokers = this.#brokers.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
    return {
      spec: { brokers, triggers: this.#triggers, pings: this.#pings },
      effects: this.#effects,
    };
  }

  read(manifest: Manifest): void {
    const kind = stringAt(manifest.object, 'kind');
    if (kind === 'Broker') {
      const parsed = this.#parse(broker, manifest);
      if (parsed !== undefined) this.#brokers.push(parsed);
      this.#destination(manifest, parsed?.spec.delivery?.deadLetterSink, parsed?.metadata);
    } else if (kind === 'Trigger') this.#readTrigger(manifest);
    else this.#readPing(manifest);
  }

  refuseOther(manifest: Manifest): void {
    const kind = stringAt(manifest.object, 'kind');
    if (['Broker', 'Trigger', 'PingSource'].includes(kind)) return;
    this.#fault(manifest, `the local stand-in has no ${kind}, only Broker, Trigger and PingSource`);
  }

  #readTrigger(manifest: Manifest): void {
    const parsed = this.#parse(trigger, manifest);
    if (parsed === undefined) return;
    const { metadata, spec } = parsed;
    const of = this.#brokers.find(
      (one) => one.metadata.name === spec.broker && one.metadata.namespace === metadata.namespace,
    );
    if (of === undefined) {
      this.#fault(manifest, `spec.broker: there is no Broker ${metadata.namespace}/${spec.broker}`);
    }
    const fields = spec.delivery ?? of?.spec.delivery ?? CLUSTER_DEFAULT;
    const sink = spec.delivery?.deadLetterSink ?? of?.spec.delivery?.deadLetterSink;
    const subscriber = this.#destination(manifest, spec.subscriber, metadata);
    if (subscriber === undefined) return;
    const attributes = spec.filter?.attributes;
    this.#triggers.push({
      namespace: metadata.namespace,
      name: metadata.name,
      broker: spec.broker,
      filters: spec.filters ?? (attributes === undefined ? [] : [{ attributes }]),
      subscriber,
      delivery: deliverySpec(fields, this.#destination(manifest, sink, metadata)),
    });
  }

  #readPing(manifest: Manifest): void {
    const parsed = this.#parse(pingSource, manifest);
    if (parsed === undefined) return;
    const { metadata, spec } = parsed;
    try {
      nextRun(spec.schedule, new Date(0));
    } catch (cause) {
      this.#fault(manifest, `spec.schedule: ${(cause as Error).message}`);
    }
    const sink = this.#destination(manifest, spec.sink, metadata);
    if (sink === undefined) return;
    const { data, dataBase64 } = spec;
    this.#pings.push({
      namespace: metadata.namespace,
      name: metadata.name,
      schedule: spec.schedule,
      contentType: spec.contentType,
      data: data === undefined ? base64Bytes(dataBase64) : Buffer.from(data),
      extensions: spec.ceOverrides?.extensions ?? {},
      sink,
    });
  }

  #parse<Schema extends z.ZodType>(
    schema: Schema,
    manifest: Manifest,
  ): z.infer<Schema> | undefined {
    const parsed = schema.safeParse(manifest.object);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        for (const text of describeIssue(issue)) this.#fault(manifest, text);
      return undefined;
    }
    this.#effects.push({
      object: manifestName(manifest),
      effects: fieldEffects(schema, manifest.object),
    });
    return parsed.data;
  }

  #destination(
    manifest: Manifest,
    fields: DestinationFields | undefined,
    metadata: { readonly namespace: string } | undefined,
  ): Destination | undefined {
    if (fields === undefined || metadata === undefined) return undefined;
    const { ref, uri } = fields;
    if (ref === undefined) {
      const isAddress = URL.canParse(uri ?? '') && /^https?:/i.test(uri ?? '');
      if (isAddress) return { kind: 'address', url: uri ?? '' };
      this.#fault(manifest, `uri: ${uri} is no address: without ref it must be http://…`);
      return undefined;
    }
    const namespace = ref.namespace ?? metadata.namespace;
    if (ref.kind === 'Broker') {
      const isKnown = this.#brokers.some(
        (one) => one.metadata.name === ref.name && one.metadata.namespace === namespace,
      );
      if (!isKnown) this.#fault(manifest, `there is no Broker ${namespace}/${ref.name}`);
      return { kind: 'broker', namespace, name: ref.name };
    }
    if (!ref.apiVersion.startsWith('serving.knative.dev/')) {
      this.#fault(manifest, `Service ${ref.name}: only Knative Services are run here`);
    } else if (!this.#services.includes(ref.name)) {
      this.#fault(manifest, `there is no Knative Service ${ref.name}`);
    }
    // Knative resolves the uri against the address of the Service.
    return { kind: 'service', name: ref.name, path: new URL(uri ?? '/', 'http://x/').pathname };
  }

  #fault(manifest: Manifest, text: string): void {
    this.faults.push(`${manifest.file}: ${manifestName(manifest)}: ${text}`);
  }
}

function base64Bytes(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}

function deliverySpec(
  fields: DeliveryFields,
  deadLetterSink: Destination | undefined,
): DeliverySpec {
  const { retry = 0, backoffPolicy, backoffDelay, timeout, retryAfterMax, format } = fields;
  // Knative knows no pause unless both are said.
  const isTimed = backoffPolicy !== undefined && backoffDelay !== undefined;
  return {
    retry,
    backoffPolicy: backoffPolicy ?? 'exponential',
    backoffDelayMs: isTimed ? (durationMs(backoffDelay) ?? 0) : 0,
    timeoutMs: (timeout === undefined ? undefined : durationMs(timeout)) ?? TIMEOUT_MS,
    retryAfterMaxMs: retryAfterMax === undefined ? undefined : durationMs(retryAfterMax),
    deadLetterSink,
    format: format ?? 'binary',
  };
}
