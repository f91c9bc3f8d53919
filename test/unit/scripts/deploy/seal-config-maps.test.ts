import { expect, test } from 'vitest';

import { knativeService, withRevisionName } from '../../../../scripts/deploy/revision.ts';
import { type Sealed, sealConfigMaps } from '../../../../scripts/deploy/seal-config-maps.ts';

const configMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const service = (...maps: string[]) =>
  knativeService.parse({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'iris' },
    spec: {
      template: {
        spec: { containers: [{ envFrom: maps.map((name) => ({ configMapRef: { name } })) }] },
      },
    },
  });
const seal = (data: Record<string, string>): Sealed =>
  sealConfigMaps([configMap('base', data), configMap('other', {})], [service('base')]);
const revisionOf = ({ services }: Sealed): string | undefined =>
  services.map((each) => withRevisionName(each).spec.template.metadata?.name)[0];

test('a ConfigMap of a Service is called after its content and cannot change', () => {
  const { objects, services } = seal({ A: '1', B: '2' });

  const name = objects[0]?.metadata.name;
  expect(name).toMatch(/^base-[0-9a-f]{8}$/);
  expect(objects[0]).toMatchObject({ immutable: true, data: { A: '1', B: '2' } });
  expect(services[0]?.spec.template.spec.containers[0]?.envFrom).toEqual([
    { configMapRef: { name } },
  ]);
});

test('other ConfigMaps stay as they are', () => {
  expect(seal({}).objects[1]).toEqual(configMap('other', {}));
});

test('other settings make another revision, the same in another order do not', () => {
  const revision = revisionOf(seal({ A: '1', B: '2' }));

  expect(revisionOf(seal({ B: '2', A: '1' }))).toBe(revision);
  expect(revisionOf(seal({ A: '1', B: '3' }))).not.toBe(revision);
});

test('a ConfigMap that is not in the overlay is refused by name', () => {
  expect(() => sealConfigMaps([], [service('base')])).toThrow(
    'Service iris takes settings from ConfigMap base, which the overlay does not have',
  );
});
