import { join } from 'node:path';

import { expect, test } from 'vitest';

import { applyJsonPatch, jsonPatch } from '../../../../../knative/local/manifests/json-patch.ts';
import {
  isJsonObject,
  type Manifest,
  ManifestError,
} from '../../../../../knative/local/manifests/manifest.ts';
import {
  readServices,
  type ServiceReading,
} from '../../../../../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../../../../../knative/local/manifests/render-overlay.ts';

const OVERLAY = join(import.meta.dirname, '../../../../fixtures/local/overlay');
const CONTAINER = '/spec/template/spec/containers/0';

/** The fixture Service with one patch; `value` is added at `path`. */
async function withField(path: string, value: unknown): Promise<Manifest[]> {
  const patch = jsonPatch.parse([{ op: 'add', path, value }]);
  const manifests = await renderOverlay(OVERLAY);
  return manifests.map(({ file, object }) => {
    const patched = applyJsonPatch(object, patch);
    if (!isJsonObject(patched)) throw new TypeError('not an object');
    return { file, object: patched };
  });
}

function faultsOf(manifests: readonly Manifest[]): readonly string[] {
  try {
    readServices(manifests);
  } catch (cause) {
    if (cause instanceof ManifestError) return cause.faults;
    throw cause;
  }
  return [];
}

async function only(manifests: Promise<Manifest[]>): Promise<ServiceReading> {
  const [reading] = readServices(await manifests);
  if (reading === undefined) throw new TypeError('no Service');
  return reading;
}

test('a Service is read with the defaults of Knative', async () => {
  const { service } = await only(renderOverlay(OVERLAY));

  expect(service).toEqual({
    name: 'fixture',
    namespace: 'tests',
    revisionName: undefined,
    traffic: [{ revisionName: undefined, percent: 100, tag: undefined }],
    template: {
      env: {
        FUNCTION_TARGET: 'fixture',
        METRICS_PORT: '9464',
        AWS_SECRET_ACCESS_KEY_FILE: '/secrets/s3/secret-access-key',
      },
      mounts: [{ mountPath: '/secrets/s3', content: { kind: 'secret', name: 's3-models' } }],
      readiness: { kind: 'http', path: '/ready' },
      scale: {
        metric: 'concurrency',
        aggregation: 'linear',
        target: 70,
        minScale: 0,
        maxScale: 20,
        initialScale: 1,
        activationScale: 1,
        windowMs: 60_000,
        panicWindowMs: 6000,
        panicThreshold: 2,
        scaleDownDelayMs: 0,
        retentionMs: 0,
        progressDeadlineMs: 600_000,
        maxScaleUpRate: 1000,
        maxScaleDownRate: 2,
        tickMs: 2000,
        bucketMs: 1000,
      },
      containerConcurrency: 0,
      timeoutMs: 20_000,
      responseStartTimeoutMs: 20_000,
    },
  });
});

test('traffic is read by percent, revision and tag', async () => {
  const { service } = await only(
    withField('/spec/traffic', [
      { revisionName: 'fixture-00001', percent: 90 },
      { latestRevision: true, percent: 10, tag: 'canary' },
      { revisionName: 'fixture-00002', tag: 'shadow' },
    ]),
  );

  expect(service.traffic).toEqual([
    { revisionName: 'fixture-00001', percent: 90, tag: undefined },
    { revisionName: undefined, percent: 10, tag: 'canary' },
    { revisionName: 'fixture-00002', percent: 0, tag: 'shadow' },
  ]);
});

test('the answer must begin within 300 s when the Service allows more in all', async () => {
  const { service } = await only(withField('/spec/template/spec/timeoutSeconds', 600));

  expect(service.template).toMatchObject({ timeoutMs: 600_000, responseStartTimeoutMs: 300_000 });
});

test.each<[string, unknown, string]>([
  [
    `${CONTAINER}/redinessProbe`,
    {},
    'spec.template.spec.containers.0.redinessProbe: is not a field',
  ],
  [
    '/spec/template/metadata',
    { annotations: { 'autoscaling.knative.dev/windw': '6s' } },
    'autoscaling.knative.dev/windw: is not an annotation',
  ],
  [
    '/spec/template/metadata',
    { annotations: { 'autoscaling.knative.dev/window': '5s' } },
    'autoscaling.knative.dev/window: must be whole seconds from 6s to 1h',
  ],
  [
    '/spec/template/metadata',
    { annotations: { 'autoscaling.knative.dev/min-scale': 1 } },
    'autoscaling.knative.dev/min-scale: ',
  ],
  ['/spec/traffic', [], 'spec.traffic: the percents are 0 together, must be 100'],
  ['/spec/traffic', [{ percent: 90 }], 'spec.traffic: the percents are 90 together'],
  ['/spec/traffic', [{ percent: 101 }], 'spec.traffic.0.percent: '],
  [
    '/spec/traffic',
    [{ percent: 100, tag: 'a' }, { tag: 'a' }],
    'spec.traffic.1.tag: a is given twice',
  ],
  ['/spec/traffic', [{ percent: 100, tag: 'A' }], 'spec.traffic.0.tag: must be a DNS label'],
  [
    '/spec/traffic',
    [{ percent: 100, revisionName: 'a', latestRevision: true }],
    'spec.traffic.0.latestRevision: may not be true beside revisionName',
  ],
  [
    '/spec/traffic',
    [{ percent: 100, latestRevision: false }],
    'spec.traffic.0.latestRevision: may not be false without revisionName',
  ],
  [
    '/spec/traffic',
    [{ percent: 100, configurationName: 'a' }],
    'spec.traffic.0.configurationName: not in the local stand-in: ',
  ],
  ['/spec/template/metadata', { name: 'other-1' }, 'metadata.name: must begin with fixture-'],
  [
    '/spec/template/metadata',
    { annotations: { 'autoscaling.knative.dev/initial-scale': '0' } },
    'autoscaling.knative.dev/initial-scale: must be at least 1',
  ],
  [
    '/spec/template/metadata',
    { annotations: { 'autoscaling.knative.dev/activation-scale': '1' } },
    'autoscaling.knative.dev/activation-scale: must be at least 2',
  ],
  ['/spec/template/spec/timeoutSecond', 3, 'spec.template.spec.timeoutSecond: is not a field'],
  [`${CONTAINER}/env/-`, { name: 'PORT', value: '1' }, 'env.3.name: is set by Knative'],
  [
    `${CONTAINER}/env/-`,
    { name: 'A', valueFrom: {} },
    'env.3.valueFrom: not in the local stand-in',
  ],
  [`${CONTAINER}/env/-`, { name: 'A', value: 5 }, 'env.3.value: Invalid input: expected string'],
  [`${CONTAINER}/env/-`, { name: 'A', value: '$(B)' }, 'env.3.value: references such as $(NAME)'],
  [`${CONTAINER}/ports`, [{ name: 'h2c', containerPort: 80 }], 'ports.0.name: only http1'],
  [
    `${CONTAINER}/securityContext`,
    { runAsRoot: true },
    'securityContext.runAsRoot: is not a field',
  ],
  [
    `${CONTAINER}/volumeMounts/-`,
    { name: 'absent', mountPath: '/x' },
    'volumeMounts: there is no volume absent',
  ],
  [
    '/spec/template/spec/volumes/-',
    { name: 'x', secret: { secretName: 'other' } },
    'secretName: is not a secret that exists locally',
  ],
  [
    '/spec/template/spec/volumes/-',
    { name: 'x', configMap: {} },
    'volumes.1.configMap: not in the local stand-in',
  ],
  [
    `${CONTAINER}/readinessProbe`,
    { httpGet: { path: '/', port: 99 } },
    'readinessProbe.httpGet.port: only the serving port',
  ],
  [
    `${CONTAINER}/readinessProbe`,
    { httpGet: {}, periodSeconds: 0, timeoutSeconds: 1 },
    'Knative refuses failureThreshold',
  ],
])('%s = %j is refused by file, object and path', async (path, value, message) => {
  const faults = faultsOf(await withField(path, value));

  expect(faults[0]).toContain(message);
  expect(faults[0]).toMatch(/^test\/fixtures\/local\/overlay\/service\.yaml: Service fixture: /);
});

test('every field that a manifest uses has its effect in the table', async () => {
  const manifests = await withField('/spec/template/metadata', {
    annotations: { 'autoscaling.knative.dev/max-scale': '3', 'example.com/team': 'a' },
  });

  const [reading] = readServices(manifests);

  const table = Object.fromEntries(reading?.effects.map(({ field, kind }) => [field, kind]) ?? []);
  expect(table).toEqual({
    apiVersion: 'no effect locally',
    kind: 'no effect locally',
    'metadata.name': 'implemented',
    'metadata.namespace': 'implemented',
    'spec.template.metadata.annotations[autoscaling.knative.dev/max-scale]': 'implemented',
    'spec.template.metadata.annotations[example.com/team]': 'no effect locally',
    'spec.template.spec.timeoutSeconds': 'implemented',
    'spec.template.spec.containers[].image': 'no effect locally',
    'spec.template.spec.containers[].env': 'implemented',
    'spec.template.spec.containers[].readinessProbe': 'implemented',
    'spec.template.spec.containers[].volumeMounts': 'implemented',
    'spec.template.spec.volumes[].name': 'no effect locally',
    'spec.template.spec.volumes[].secret': 'implemented',
  });
});

test('objects of other kinds are left alone', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'minio' } };

  expect(readServices([{ file: 'minio.yaml', object: service }])).toEqual([]);
});
