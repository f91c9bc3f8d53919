import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import { runCommand } from '../../scripts/deploy/run-command.ts';

const root = join(import.meta.dirname, '../..');
const overlays = globSync('knative/overlays/*/kustomization.yaml', { cwd: root });
/** Of our own: a dry run needs a namespace that exists, and nothing in it must stand in the way. */
const namespace = `pilotlight-dry-run-${randomBytes(4).toString('hex')}`;

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function byName(objects: readonly Named[]): Record<string, Named> {
  return Object.fromEntries(
    objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]),
  );
}

/** What the stand-in reads of an overlay. */
async function rendered(path: string): Promise<Named[]> {
  const manifests = await renderOverlay(join(root, path, '..'));
  return manifests.map(({ object }) => object as unknown as Named);
}

/**
 * Has the API server check objects as if they were created: their schemas, unknown fields too, and Knative's
 * webhooks. Lists what passed.
 */
async function dryRun(objects: readonly Named[]): Promise<string[]> {
  const items = objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const args = ['create', '--dry-run=server', '--validate=strict', '--filename', '-'];
  const printed = await runCommand('kubectl', args, { input });
  return printed.trim().split('\n').toSorted();
}

// Needs kubectl, which is only known to be there when there is a cluster to use it on.
describe.skipIf(process.env['KUBECONFIG'] === undefined)('the overlay', () => {
  beforeAll(async () => {
    await runCommand('kubectl', ['create', 'namespace', namespace]);
  });
  afterAll(async () => {
    await runCommand('kubectl', ['delete', 'namespace', namespace, '--wait=false']);
  });

  it.each(overlays)('%s means the same to kubectl and to the local stand-in', async (path) => {
    const text = await runCommand('kubectl', ['kustomize', join(root, path, '..')]);

    const theirs = parseAllDocuments(text).map((document) => document.toJS() as Named);
    expect(byName(await rendered(path))).toEqual(byName(theirs));
  });

  it.each(overlays)('%s passes the validation of the API server and its webhooks', async (path) => {
    const objects = await rendered(path);

    const passed = await dryRun(objects);

    const expected = objects.filter(({ kind }) => kind !== 'Namespace');
    expect(expected.length).toBeGreaterThan(0);
    expect(passed).toHaveLength(expected.length);
    for (const { metadata } of expected) {
      expect(passed).toContainEqual(
        expect.stringMatching(`/${metadata.name} created \\(server dry run\\)`),
      );
    }
  });

  it.each<[what: string, from: string, to: string, said: RegExp]>([
    [
      'a field that there is not',
      '"timeoutSeconds"',
      '"timeoutSecond"',
      /unknown field.*timeoutSecond/,
    ],
    ['what Knative forbids', '"name":"MODEL_URI"', '"name":"K_SERVICE"', /K_SERVICE/],
  ])('would not pass with %s', async (_, from, to, said) => {
    const text = JSON.stringify(await rendered('knative/overlays/dev/kustomization.yaml'));
    expect(text).toContain(from);

    const broken = JSON.parse(text.replace(from, to)) as Named[];

    await expect(dryRun(broken)).rejects.toMatchObject({ output: expect.stringMatching(said) });
  });
});
