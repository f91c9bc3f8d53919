import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

import type { JsonObject } from '../../../knative/local/manifests/manifest.ts';
import { objectAt, stringAt } from '../../../knative/local/manifests/manifest.ts';
import { renderOverlay } from '../../../knative/local/manifests/render-overlay.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folders = [
  ...readdirSync(join(ROOT, 'knative/overlays')).map((name) => `knative/overlays/${name}`),
  'test/fixtures/local/kustomize/overlay',
];
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/** Kind and name; the order of objects differs, which means nothing to Kubernetes. */
function sorted(objects: readonly JsonObject[]): JsonObject[] {
  const key = (object: JsonObject): string =>
    `${stringAt(object, 'kind')} ${stringAt(objectAt(object, 'metadata'), 'name')}`;
  return objects.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

// Without kubectl on the PATH there is nothing to compare with; renderOverlay's own tests run anyway.
describe.skipIf(!hasKubectl)('what renderOverlay gives is what kubectl kustomize gives', () => {
  test.each(folders)('for %s', async (folder) => {
    const theirs = parseAllDocuments(
      execFileSync('kubectl', ['kustomize', join(ROOT, folder)], { encoding: 'utf8' }),
    ).map((document) => document.toJS() as JsonObject);

    const ours = await renderOverlay(join(ROOT, folder));

    expect(sorted(ours.map(({ object }) => object))).toEqual(sorted(theirs));
  });
});
