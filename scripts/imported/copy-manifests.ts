import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

import { parseDocument, stringify } from 'yaml';

import { type Manifest, objectAt, stringAt } from '../../knative/local/manifests/manifest.ts';

/** A copy of `knative/` for tools that read files; gone when it is disposed of. */
export interface ManifestsCopy extends AsyncDisposable {
  /** What stands for `knative/` of the clone. */
  readonly dir: string;
}

/**
 * Copies the manifests of the clone into a temporary folder, with a folder in `base` for each of `services`.
 * Nothing in the clone changes.
 */
export async function copyManifests(
  root: string,
  services: readonly Manifest[],
): Promise<ManifestsCopy> {
  const work = await mkdtemp(join(tmpdir(), 'pilotlight-manifests-'));
  const dir = join(work, 'knative');
  await cp(join(root, 'knative'), dir, {
    recursive: true,
    filter: (path) => extname(path) !== '.ts',
  });
  const base = join(dir, 'base');
  const path = join(base, 'kustomization.yaml');
  const kustomization = parseDocument(await readFile(path, 'utf8'));
  for (const { object } of services) {
    const name = stringAt(objectAt(object, 'metadata'), 'name');
    await mkdir(join(base, name), { recursive: true });
    await writeFile(join(base, name, 'service.yaml'), stringify(object));
    await writeFile(
      join(base, name, 'kustomization.yaml'),
      stringify({ resources: ['service.yaml'] }),
    );
    kustomization.addIn(['resources'], name);
  }
  await writeFile(path, kustomization.toString());
  return { dir, [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }) };
}
