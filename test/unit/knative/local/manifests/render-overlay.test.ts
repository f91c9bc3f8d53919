import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { ManifestError } from '../../../../../knative/local/manifests/manifest.ts';
import { renderOverlay } from '../../../../../knative/local/manifests/render-overlay.ts';

/** A folder with these files, gone after the test. */
async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-overlay-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

const SERVICE = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: iris
  labels: {app: iris}
spec:
  template:
    spec:
      containers: [{image: pilotlight, env: []}]
`;

async function faultsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const error: unknown = await renderOverlay(await folder(files)).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ManifestError);
  return (error as ManifestError).faults;
}

test('an overlay is its bases, components, patches, namespace, labels and images', async () => {
  const dir = await folder({
    'base/kustomization.yaml': 'resources: [service.yaml]',
    'base/service.yaml': SERVICE,
    'always-on/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Service, labelSelector: app=iris}
    path: min-scale.yaml
`,
    'always-on/min-scale.yaml': '- {op: add, path: /metadata/annotations, value: {min: "1"}}',
    'dev/kustomization.yaml': `resources: [../base]
components: [../always-on]
namespace: dev
labels: [{pairs: {tenant: a}}]
images: [{name: pilotlight, newName: localhost:5000/pilotlight, newTag: v1}]
patches:
  - target: {group: serving.knative.dev, version: v1, kind: Service, name: iris}
    patch: '- {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: A, value: b}}'
  - target: {kind: Deployment}
    patch: '[{"op": "remove", "path": "/spec"}]'
`,
  });

  const manifests = await renderOverlay(join(dir, 'dev'));

  expect(manifests.map(({ object }) => object)).toEqual([
    {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: {
        name: 'iris',
        namespace: 'dev',
        labels: { app: 'iris', tenant: 'a' },
        annotations: { min: '1' },
      },
      spec: {
        template: {
          spec: {
            containers: [
              { image: 'localhost:5000/pilotlight:v1', env: [{ name: 'A', value: 'b' }] },
            ],
          },
        },
      },
    },
  ]);
  expect(manifests[0]?.file).toMatch(/base\/service\.yaml$/);
});

test.each([
  ['generators', 'secretGenerator: []', 'secretGenerator: not implemented'],
  ['Helm', 'helmCharts: []', 'helmCharts: not implemented'],
  ['replacements', 'replacements: []', 'replacements: not implemented'],
  [
    'selectors of labels',
    'labels: [{pairs: {}, includeSelectors: true}]',
    'labels.0: includeSelectors: not implemented',
  ],
  [
    'remote resources',
    'resources: ["https://example.com/x.yaml"]',
    'remote resources are not implemented',
  ],
  [
    'strategic merge patches',
    'resources: [s.yaml]\npatches: [{target: {kind: Service}, patch: "spec: {}"}]',
    'patches.0: strategic merge patches are not implemented',
  ],
  [
    'patterns in targets',
    'patches: [{target: {name: "ir.*"}, patch: "[]"}]',
    'patches.0.target.name: must be a plain name',
  ],
  ['a missing file', 'resources: [nowhere.yaml]', 'nowhere.yaml: there is no such file or folder'],
  [
    'a patch that does not apply',
    'resources: [s.yaml]\npatches: [{target: {kind: Service}, patch: "- {op: remove, path: /x}"}]',
    'patches.0: does not apply to Service iris: /x: there is no "x"',
  ],
  [
    'patches in YAML that begin like JSON',
    'resources: [s.yaml]\npatches: [{target: {kind: Service}, patch: "[{op: remove, path: /spec}]"}]',
    'patches.0: begins with "[" and so must be JSON',
  ],
  ['the same object twice', 'resources: [s.yaml, t.yaml]', 'Service iris is also in'],
])('%s are refused by file and name', async (_, kustomization, message) => {
  const faults = await faultsOf({
    'kustomization.yaml': kustomization,
    's.yaml': SERVICE,
    't.yaml': SERVICE,
  });

  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(message);
  expect(faults[0]).toMatch(/kustomization\.yaml: |t\.yaml: /);
});
