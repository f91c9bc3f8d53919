import { globSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { EVENT_TYPES } from '../../../events/types.ts';
import { CATALOGUE } from '../../../functions/catalogue.ts';
import { passes } from '../../../knative/local/broker/filters.ts';
import { readEventing } from '../../../knative/local/manifests/read-eventing.ts';
import { readServices } from '../../../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../../../knative/local/manifests/render-overlay.ts';

const root = join(import.meta.dirname, '../../..');
const overlays = globSync('knative/overlays/*/kustomization.yaml', { cwd: root });

describe.each(overlays)('%s', (path) => {
  const read = async () => {
    const manifests = await renderOverlay(join(root, path, '..'));
    const services = readServices(manifests).map(({ service }) => service);
    return { services, ...readEventing(manifests, services).spec };
  };

  it('gives each model the requests that name it, and no other Service', async () => {
    const { services, triggers } = await read();
    const models = services
      .map(({ name }) => name)
      .filter((name) => Object.hasOwn(CATALOGUE, name));

    const receivers = models.map((model) => {
      const request = { type: EVENT_TYPES.inferenceRequest, model };
      const fitting = triggers.filter(({ filters }) => passes(request, filters));
      return [model, fitting.map(({ subscriber }) => subscriber)];
    });

    expect(models.length).toBeGreaterThan(3);
    expect(receivers).toEqual(models.map((name) => [name, [{ kind: 'service', name, path: '/' }]]));
  });

  it.each([
    ['the chunks of jobs', EVENT_TYPES.chunkRequested],
    ['uploads', EVENT_TYPES.objectCreated],
  ])('gives %s to the second Service of their model, for long', async (_, type) => {
    const { services, triggers } = await read();
    const models = services
      .map(({ name }) => name)
      .filter((name) => Object.hasOwn(CATALOGUE, name));

    for (const model of models) {
      const chunk = { type, model };
      const [trigger, ...others] = triggers.filter(({ filters }) => passes(chunk, filters));
      expect(others).toEqual([]);
      expect(trigger).toMatchObject({
        subscriber: { kind: 'service', name: `${model}-batch`, path: '/' },
        delivery: { timeoutMs: 590_000 },
      });
    }
  });

  it('gives batch what jobs need of it, a tick, and what nobody took', async () => {
    const { triggers, pings } = await read();

    for (const type of [
      EVENT_TYPES.jobSubmitted,
      EVENT_TYPES.jobCancelRequested,
      EVENT_TYPES.jobCompleted,
    ]) {
      const fitting = triggers.filter(({ filters }) => passes({ type }, filters));
      expect(fitting.map(({ subscriber }) => subscriber)).toEqual([
        { kind: 'service', name: 'batch', path: '/' },
      ]);
    }
    expect(pings).toMatchObject([{ schedule: '*/5 * * * *', sink: { name: 'batch', path: '/' } }]);
    for (const { delivery } of triggers) {
      expect(delivery.deadLetterSink).toEqual({
        kind: 'service',
        name: 'batch',
        path: '/dead-letters',
      });
    }
  });

  it('has triggers for types that there are only', async () => {
    const { triggers } = await read();

    const types = triggers.flatMap(({ filters }) =>
      filters.flatMap((filter) => ('exact' in filter ? (filter.exact['type'] ?? []) : [])),
    );
    const known: readonly string[] = Object.values(EVENT_TYPES);
    expect(types.filter((type) => !known.includes(type))).toEqual([]);
  });

  it('delivers for less time than a Service may take to answer', async () => {
    const { services, triggers } = await read();

    for (const { subscriber, delivery } of triggers) {
      const service = services.find(
        ({ name }) => subscriber.kind === 'service' && name === subscriber.name,
      );
      expect(delivery.timeoutMs).toBeLessThan(service?.template.timeoutMs ?? 0);
    }
  });
});

describe('the component kafka', () => {
  it('makes the broker one of Kafka, and changes nothing else', async () => {
    const manifests = await renderOverlay(join(root, 'test/fixtures/local/kafka'));
    const plain = await renderOverlay(join(root, 'knative/eventing'));

    const of = (kind: string) => manifests.filter(({ object }) => object['kind'] === kind);
    expect(of('Broker').map(({ object }) => object)).toMatchObject([
      {
        metadata: {
          annotations: { 'eventing.knative.dev/broker.class': 'Kafka' },
        },
        spec: { config: { name: 'kafka-broker-config' }, delivery: { retry: 8 } },
      },
    ]);
    expect(of('Trigger').map(({ object }) => object['spec'])).toEqual(
      plain.flatMap(({ object }) => (object['kind'] === 'Trigger' ? [object['spec']] : [])),
    );
  });
});
