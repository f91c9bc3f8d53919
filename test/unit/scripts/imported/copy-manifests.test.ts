import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { renderOverlay } from '../../../../knative/local/manifests/render-overlay.ts';
import { copyManifests } from '../../../../scripts/imported/copy-manifests.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const ADDED = {
  file: 'added.yaml',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'added' },
    data: { A: '1' },
  },
};

it('what is added renders from the files of the copy as it does without them', async () => {
  const overlay = join('overlays', 'dev');
  const manifests = [ADDED];
  const direct = await renderOverlay(join(ROOT, 'knative', overlay), {
    folder: join(ROOT, 'knative', 'base'),
    manifests,
  });

  let dir: string;
  {
    await using copy = await copyManifests(ROOT, manifests);
    ({ dir } = copy);
    const copied = await renderOverlay(join(dir, overlay));

    expect(copied.map(({ object }) => object)).toEqual(direct.map(({ object }) => object));
    expect(copied.map(({ object }) => object)).toContainEqual({
      ...ADDED.object,
      metadata: { name: 'added', namespace: 'pilotlight-dev' },
    });
  }
  expect(existsSync(dir)).toBe(false);
  expect(existsSync(join(ROOT, 'knative', 'base', 'added'))).toBe(false);
});
