import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { parse } from 'yaml';

import {
  type JsonObject,
  type Manifest,
  objectAt,
  objectsAt,
  stringAt,
} from '../../knative/local/manifests/manifest.ts';
import { GENERIC_FUNCTION, fileWithRole } from '../../models/loader/package-schema.ts';
import type { ModelManifest } from '../../models/loader/package-schema.ts';
import { SHARED_TENANT, packagePrefix, readManifest } from '../models/model-uri.ts';
import { findPackages } from '../models/package-folders.ts';

/** What a Service is made from, below `knative/base`. */
const TEMPLATE = join('knative', 'base', GENERIC_FUNCTION, 'service.yaml');
/** Knative's own limit of `containerConcurrency`. */
const MAX_CONCURRENCY = 1000;
const MEGABYTE = 1024 * 1024;
/** Memory of a function without its model, and of the largest requests. */
const BASE_MEGABYTES = 1024;
/** Of each of the two worker processes that two CPUs get. */
const WORKER_MEGABYTES = 128;

/**
 * One Knative Service for each imported model, made from the template in `knative/base/model`. A model whose
 * Service somebody has written (`knative/base/<name>/`) gets none.
 * @param folders Of model packages.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function importedServices(
  root: string,
  folders: readonly string[],
): Promise<Manifest[]> {
  const packages = await findPackages(folders);
  const manifests = await Promise.all(
    packages.map(async ({ dir }) => (await readManifest(dir)).manifest),
  );
  const imported = manifests.filter((one) => one.function === GENERIC_FUNCTION);
  if (imported.length === 0) return [];
  const written = await writtenServices(root);
  const path = join(root, TEMPLATE);
  const template = parse(await readFile(path, 'utf8')) as JsonObject;
  return imported
    .filter(({ name }) => !written.includes(name))
    .map((manifest) => ({
      file: relative('.', path),
      object: serviceOf(template, manifest),
    }));
}

async function writtenServices(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'knative', 'base', 'kustomization.yaml'), 'utf8');
  const { resources = [] } = parse(text) as { resources?: string[] };
  return resources;
}

/** A copy of the template as the Service of one model. */
export function serviceOf(template: JsonObject, manifest: ModelManifest): JsonObject {
  const { name } = manifest;
  const service = structuredClone(template);
  rename(service, name);
  const revision = objectAt(objectAt(service, 'spec'), 'template');
  const spec = objectAt(revision, 'spec');
  const annotations = objectAt(objectAt(revision, 'metadata'), 'annotations');
  const [container = {}] = objectsAt(spec, 'containers');
  container['name'] = name;
  for (const variable of objectsAt(container, 'env')) {
    if (stringAt(variable, 'name') !== 'MODEL_URI') continue;
    variable['value'] = `s3://models/${packagePrefix(SHARED_TENANT, manifest)}`;
  }
  if (manifest.execution === 'worker') {
    // One run goes on, one waits; what is more waits in the activator, where a new pod can take it.
    const limit = Math.min(2 * (manifest.batch?.max_rows ?? 1), MAX_CONCURRENCY);
    spec['containerConcurrency'] = limit;
    annotations['autoscaling.knative.dev/target'] = String(limit);
    annotations['autoscaling.knative.dev/target-burst-capacity'] = '-1';
  }
  setMemory(container, spec, manifest);
  return service;
}

/** Every place that has the template's own name. */
function rename(service: JsonObject, name: string): void {
  objectAt(service, 'metadata')['name'] = name;
  const revision = objectAt(objectAt(service, 'spec'), 'template');
  const spread = objectsAt(objectAt(revision, 'spec'), 'topologySpreadConstraints');
  const labelled = [
    objectAt(objectAt(service, 'metadata'), 'labels'),
    objectAt(objectAt(revision, 'metadata'), 'labels'),
    ...spread.map((one) => objectAt(objectAt(one, 'labelSelector'), 'matchLabels')),
  ];
  for (const labels of labelled) labels['app.kubernetes.io/name'] = name;
}

/** The weights are in the cache (which is memory), in the file as it was read, and in each session. */
function setMemory(container: JsonObject, spec: JsonObject, manifest: ModelManifest): void {
  const weights = Math.ceil(fileWithRole(manifest, 'model').size_bytes / MEGABYTE);
  const workers = manifest.execution === 'worker' ? 2 : 0;
  const limit = BASE_MEGABYTES + workers * (WORKER_MEGABYTES + weights) + 3 * weights;
  const limits = objectAt(objectAt(container, 'resources'), 'limits');
  limits['memory'] = `${limit}Mi`;
  for (const volume of objectsAt(spec, 'volumes')) {
    const empty = objectAt(volume, 'emptyDir');
    if ('sizeLimit' in empty) empty['sizeLimit'] = `${Math.max(BASE_MEGABYTES, 2 * weights)}Mi`;
  }
}
