import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import { renderOverlay } from '../../../knative/local/manifests/render-overlay.ts';

const root = join(import.meta.dirname, '../../..');
const CLASS = 'eventing.knative.dev/broker.class';

interface Rendered {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/** What eventing-kafka-broker's own sources say; the fixture names where. */
const kafka = JSON.parse(
  readFileSync(join(root, 'test/fixtures/knative/kafka-broker.json'), 'utf8'),
) as {
  readonly schemas: Readonly<Record<string, object>>;
  readonly configMap: Readonly<Record<string, string>>;
  readonly brokerClass: { readonly value: string };
  readonly ingress: { readonly value: string };
};

const component = await rendered('test/fixtures/local/kafka');

describe('the component kafka', () => {
  it.each(['Broker', 'Trigger'])('makes every %s as the schema of the CRD has it', (kind) => {
    const specs = component.filter((object) => object.kind === kind).map(({ spec }) => spec);

    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs) expect(faults(kind, spec)).toEqual([]);
  });

  it.each<[what: string, kind: string, from: string, to: string]>([
    ['a field that there is not', 'Broker', '"config"', '"configuration"'],
    ['a text for a number', 'Broker', '"retry":8', '"retry":"8"'],
    ['an object for a text', 'Trigger', '"broker":"default"', '"broker":{"name":"default"}'],
  ])('would not be right with %s', (_, kind, from, to) => {
    const spec = JSON.stringify(component.find((object) => object.kind === kind)?.spec);
    expect(spec).toContain(from);

    expect(faults(kind, JSON.parse(spec.replace(from, to)))).not.toEqual([]);
  });

  it('names the class and the ConfigMap that come with Kafka brokers', () => {
    const broker = component.find(({ kind }) => kind === 'Broker');
    const { apiVersion, kind, name, namespace } = kafka.configMap;

    expect(broker?.metadata.annotations).toEqual({ [CLASS]: kafka.brokerClass.value });
    expect(broker?.spec).toMatchObject({ config: { apiVersion, kind, name, namespace } });
  });
});

const overlays = globSync('knative/overlays/*/kustomization.yaml', { cwd: root });

describe.each(overlays)('%s', (path) => {
  it('has functions send to the ingress of the class of its broker', async () => {
    const objects = await rendered(join(path, '..'));

    const broker = objects.find(({ kind }) => kind === 'Broker');
    const sinks = objects.flatMap(({ data }) => data?.['K_SINK'] ?? []);
    const isKafka = broker?.metadata.annotations?.[CLASS] === kafka.brokerClass.value;
    const ingress = isKafka ? kafka.ingress.value : 'broker-ingress';
    const { namespace, name } = broker?.metadata ?? {};
    expect(sinks).toEqual([
      `http://${ingress}.knative-eventing.svc.cluster.local/${namespace}/${name}`,
    ]);
  });
});

async function rendered(dir: string): Promise<Rendered[]> {
  const manifests = await renderOverlay(join(root, dir));
  return manifests.map(({ object }) => object as unknown as Rendered);
}

/** What a server that refuses unknown fields would find at fault. */
function faults(kind: string, spec: unknown): unknown[] {
  const ajv = new Ajv2020({ strict: false, formats: { int32: true, int64: true } });
  const validate = ajv.compile(closed(kafka.schemas[kind]) as object);
  validate(spec);
  return validate.errors ?? [];
}

/** The schema with no other fields than it names, except where it says that there may be. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  const isOpen = inner['x-kubernetes-preserve-unknown-fields'] === true;
  const isObject = inner['type'] === 'object' && inner['properties'] !== undefined;
  return isObject && !isOpen ? { ...inner, additionalProperties: false } : inner;
}
