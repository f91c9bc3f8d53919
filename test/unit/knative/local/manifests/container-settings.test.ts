import { expect, test } from 'vitest';

import { containerSettings } from '../../../../../knative/local/manifests/container-settings.ts';
import type { JsonObject, Manifest } from '../../../../../knative/local/manifests/manifest.ts';

const service: Manifest = {
  file: 'service.yaml',
  object: { kind: 'Service', metadata: { name: 'iris', namespace: 'dev' } },
};
const configMap = (name: string, data: JsonObject, namespace = 'dev'): Manifest => ({
  file: `${name}.yaml`,
  object: { kind: 'ConfigMap', metadata: { name, namespace }, data },
});
const from = (...names: string[]): JsonObject => ({
  envFrom: names.map((name) => ({ configMapRef: { name } })),
});

test('a later ConfigMap is above an earlier one, and env above all', () => {
  const maps = [
    configMap('base', { LOG_LEVEL: 'info', METRICS_PORT: '9464', MAX_QUEUE_ROWS: '1' }),
    configMap('overlay', { LOG_LEVEL: 'debug', MAX_QUEUE_ROWS: '2' }),
  ];
  const container = { ...from('base', 'overlay'), env: [{ name: 'MAX_QUEUE_ROWS', value: '3' }] };

  const { settings, faults } = containerSettings(container, service, maps);

  expect(faults).toEqual([]);
  expect(Object.fromEntries(settings)).toEqual({
    METRICS_PORT: { value: '9464', source: 'base.yaml' },
    LOG_LEVEL: { value: 'debug', source: 'overlay.yaml' },
    MAX_QUEUE_ROWS: { value: '3', source: 'service.yaml' },
  });
});

test.each<[what: string, Manifest[], fault: string]>([
  ['is not there', [], 'envFrom: there is no ConfigMap base beside the Service'],
  [
    'is in another namespace',
    [configMap('base', {}, 'other')],
    'envFrom: there is no ConfigMap base beside the Service',
  ],
  [
    'has a name that no function knows',
    [configMap('base', { LOGLEVEL: 'info' })],
    'base.yaml: ConfigMap base: data.LOGLEVEL: is not a setting of a function',
  ],
  [
    'has a number for a text',
    [configMap('base', { METRICS_PORT: 9464 })],
    'base.yaml: ConfigMap base: data.METRICS_PORT: must be text: put it in quotes',
  ],
])('it is a fault when a ConfigMap %s', (_what, maps, fault) => {
  expect(containerSettings(from('base'), service, maps).faults).toEqual([fault]);
});

test('a setting whose value is the path of a file is known', () => {
  const maps = [configMap('base', { AWS_ACCESS_KEY_ID_FILE: '/secrets/key' })];

  expect(containerSettings(from('base'), service, maps).faults).toEqual([]);
});
