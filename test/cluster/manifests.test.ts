import { globSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import { runCommand } from '../../scripts/deploy/run-command.ts';

const root = join(import.meta.dirname, '../..');
const overlays = globSync('knative/overlays/*/kustomization.yaml', { cwd: root });

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

function byName(objects: readonly Named[]): Record<string, Named> {
  return Object.fromEntries(
    objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]),
  );
}

// Needs kubectl, which is only known to be there when there is a cluster to use it on.
describe.skipIf(process.env['KUBECONFIG'] === undefined)('the overlay', () => {
  it.each(overlays)('%s means the same to kubectl and to the local stand-in', async (path) => {
    const dir = join(root, path, '..');

    const text = await runCommand('kubectl', ['kustomize', dir]);
    const ours = await renderOverlay(dir);

    const theirs = parseAllDocuments(text).map((document) => document.toJS() as Named);
    expect(byName(ours.map(({ object }) => object as unknown as Named))).toEqual(byName(theirs));
  });
});
