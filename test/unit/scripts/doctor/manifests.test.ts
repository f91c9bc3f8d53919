import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { Line } from '../../../../scripts/doctor/check.ts';
import type { MANIFESTS_FINDINGS } from '../../../../scripts/doctor/findings/manifests.ts';
import { checkManifestFiles } from '../../../../scripts/doctor/manifests/files.ts';
import { checkOverlays } from '../../../../scripts/doctor/manifests/overlays.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const SERVICE = 'knative/base/iris/service.yaml';
const BASE = 'knative/base/kustomization.yaml';
const OVERLAY = 'knative/overlays/dev/kustomization.yaml';

/** In which file to put one text in place of another, once. */
type Change = readonly [file: string, from: string, to: string];

const service = (from: string, to: string): Change => [SERVICE, from, to];
const annotation = (text: string): Change =>
  service("autoscaling.knative.dev/max-scale: '10'", text);
const MAX = "autoscaling.knative.dev/max-scale: '10'";
const SPEC = '      automountServiceAccountToken: false';
const LABEL = 'networking.knative.dev/visibility: cluster-local';

/** What of the manifests as they are must be changed to bring each finding out. */
const CASES: Record<keyof typeof MANIFESTS_FINDINGS, Change> = {
  OVERLAY_BROKEN: [OVERLAY, '../../base\n', '../../missing\n'],
  STRATEGIC_MERGE_PATCH: [
    OVERLAY,
    'patches:\n',
    'patches:\n  - target: {kind: Service}\n    patch: |-\n      spec: {template: {spec: {}}}\n',
  ],
  YAML_BOOLEAN_WORD: service('value: iris', 'value: on'),
  ANNOTATION_NOT_TEXT: annotation('autoscaling.knative.dev/max-scale: 10'),
  AUTOSCALING_ON_SERVICE: service(
    '  name: iris\n',
    "  name: iris\n  annotations:\n    autoscaling.knative.dev/min-scale: '1'\n",
  ),
  ROLLOUT_ON_TEMPLATE: annotation(`${MAX}\n        serving.knative.dev/rollout-duration: 60s`),
  SCALE_BOUNDS_CROSSED: service("min-scale: '0'", "min-scale: '11'"),
  SCALE_UNBOUNDED: annotation("autoscaling.knative.dev/max-scale: '0'"),
  INITIAL_SCALE_ZERO: annotation(`${MAX}\n        autoscaling.knative.dev/initial-scale: '0'`),
  TARGET_ABOVE_CONCURRENCY: service('containerConcurrency: 100', 'containerConcurrency: 99'),
  RESPONSE_START_TIMEOUT_MISSING: service(
    'timeoutSeconds: 60\n      responseStartTimeoutSeconds: 60',
    'timeoutSeconds: 301',
  ),
  RESPONSE_START_TIMEOUT_ABOVE: service(
    'responseStartTimeoutSeconds: 60',
    'responseStartTimeoutSeconds: 61',
  ),
  TIMEOUT_ABOVE_LIMIT: service(
    'timeoutSeconds: 60\n      responseStartTimeoutSeconds: 60',
    'timeoutSeconds: 601\n      responseStartTimeoutSeconds: 601',
  ),
  INFERENCE_TIMEOUT_TOO_LONG: service(
    'timeoutSeconds: 60\n      responseStartTimeoutSeconds: 60',
    'timeoutSeconds: 59\n      responseStartTimeoutSeconds: 59',
  ),
  PROBE_THRESHOLD_REFUSED: service(
    'periodSeconds: 0\n',
    'periodSeconds: 0\n            failureThreshold: 3\n',
  ),
  PROBE_SUCCESS_THRESHOLD_MISSING: service('            successThreshold: 1\n', ''),
  STARTUP_PROBE_PORT_MISSING: service(
    '          resources:\n',
    '          startupProbe:\n            httpGet:\n              path: /healthz\n          resources:\n',
  ),
  PORT_RESERVED: service('containerPort: 8080', 'containerPort: 9090'),
  PORTS_SEVERAL: service('- name: http1\n', '- containerPort: 9464\n            - name: http1\n'),
  ENV_RESERVED: service('- name: MODEL_CACHE_DIR', '- name: PORT'),
  FIELD_NOT_ALLOWED: service(SPEC, `      terminationGracePeriodSeconds: 30\n${SPEC}`),
  MOUNT_WRITABLE: service('              readOnly: true\n', ''),
  METRICS_PORT_MISSING: ['knative/base/config.yaml', 'METRICS_PORT', 'HOST'],
  MODEL_UNKNOWN: service('s3://models/_shared/iris/1', 's3://models/_shared/iris/2'),
  IMAGE_LATEST: service('image: pilotlight', 'image: registry.example/pilotlight:latest'),
  TRAFFIC_NOT_100: service(
    '  template:\n',
    '  traffic:\n    - latestRevision: true\n      percent: 90\n  template:\n',
  ),
  DELIVERY_TIMEOUT_TOO_LONG: service(
    '# iris:',
    `apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: score
spec:
  broker: default
  delivery:
    timeout: PT1M
  subscriber:
    ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: iris}
---
# iris:`,
  ),
  BATCH_SERVICE_PUBLIC: ['knative/base/iris/batch.yaml', `    ${LABEL}\n`, ''],
  VISIBILITY_WITHOUT_EFFECT: service('      labels:\n', `      labels:\n        ${LABEL}\n`),
};

/** Codes that come with a change besides the one that is meant. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  STRATEGIC_MERGE_PATCH: ['STRATEGIC_MERGE_PATCH'],
  ANNOTATION_NOT_TEXT: ['SCALE_UNBOUNDED'],
  // Once for iris, once for iris-batch.
  METRICS_PORT_MISSING: ['METRICS_PORT_MISSING'],
};

/** What the doctor says of one overlay with one function of this clone, with `changes` made to a copy of it. */
async function diagnose(...changes: readonly Change[]): Promise<readonly Line[]> {
  const root = await mkdtemp(join(tmpdir(), 'pilotlight-doctor-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await cp(join(ROOT, 'knative'), join(root, 'knative'), {
    recursive: true,
    filter: (path) => !/^(local|overlays.prod)/.test(relative(join(ROOT, 'knative'), path)),
  });
  await writeFile(join(root, BASE), 'resources: [config.yaml, iris]\n');
  await cp(join(ROOT, 'models/iris/model.json'), join(root, 'models/iris/model.json'));
  for (const [file, from, to] of changes) {
    const text = await readFile(join(root, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    await writeFile(join(root, file), text.replace(from, to));
  }
  return diagnoseFolder(root);
}

async function diagnoseFolder(root: string): Promise<readonly Line[]> {
  const context = { root, env: {}, signal: new AbortController().signal };
  return [...(await checkManifestFiles(context)), ...(await checkOverlays(context))];
}

const codesOf = (lines: readonly Line[]): string[] =>
  lines.flatMap((line) => (line.status === 'found' ? [line.code] : []));

test('the manifests of this clone have none of the traps', async () => {
  const lines = await diagnoseFolder(ROOT);

  expect(codesOf(lines)).toEqual([]);
  expect(codesOf(await diagnose())).toEqual([]);
  expect(lines.map(({ status }) => status)).toContain('ok');
});

test.each(Object.entries(CASES))('%s is found, and nothing else', async (code, change) => {
  const codes = codesOf(await diagnose(change));

  expect(codes.toSorted()).toEqual([code, ...(TOGETHER[code] ?? [])].toSorted());
});

test.each([
  [
    'a timeout of 300 without a start timeout',
    service('      responseStartTimeoutSeconds: 60\n', ''),
  ],
  ['a tag that does not move', service('image: pilotlight', 'image: registry.example/x:1.2')],
  ['a digest', service('image: pilotlight', `image: registry.example/x@sha256:${'a'.repeat(64)}`)],
  ['the word in quotes', service('value: iris', "value: 'on'")],
  [
    'traffic of 100 and a tag',
    service('  template:\n', '  traffic:\n    - {percent: 100}\n    - {tag: x}\n  template:\n'),
  ],
] as const)('%s is no trap', async (_what, change) => {
  expect(codesOf(await diagnose(change))).toEqual([]);
});

test('a bare boolean inside a patch is found, with its file', async () => {
  const lines = await diagnose([OVERLAY, 'value: 30s', 'value: off']);

  expect(lines).toContainEqual({
    status: 'found',
    code: 'YAML_BOOLEAN_WORD',
    text: expect.stringMatching(/^knative\/overlays\/dev\/kustomization.yaml:\d+ patch off$/),
  });
});
