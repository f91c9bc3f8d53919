import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

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

/** What Services and Triggers are made from. */
const TEMPLATES = join('knative', 'base', GENERIC_FUNCTION);
/** Of the Service that scores batch jobs. */
const BATCH = '-batch';
/** Of names in Kubernetes; a model of a longer name has no batch jobs. */
const MAX_NAME_LENGTH = 63;
/** Knative's own limit of `containerConcurrency`. */
const MAX_CONCURRENCY = 1000;
const MEGABYTE = 1024 * 1024;
/** Memory of a function without its model, and of the largest requests. */
const BASE_MEGABYTES = 1024;
/** Of each of the two worker processes that two CPUs get. */
const WORKER_MEGABYTES = 128;

/** What the manifests have for imported models. */
export interface ImportedManifests {
  /** Two Knative Services for each: the one that people wait for, and `<name>-batch`. */
  readonly services: readonly Manifest[];
  /** Which of the tenant's events they get. */
  readonly triggers: readonly Manifest[];
}

/**
 * The manifests of each imported model, made from the templates in `knative/base/model`. A model whose Service
 * somebody has written (`knative/base/<name>/`) gets none.
 * @param folders Of model packages.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function importedManifests(
  root: string,
  folders: readonly string[],
): Promise<ImportedManifests> {
  const packages = await findPackages(folders);
  const manifests = await Promise.all(
    packages.map(async ({ dir }) => (await readManifest(dir)).manifest),
  );
  const imported = manifests.filter((one) => one.function === GENERIC_FUNCTION);
  if (imported.length === 0) return { services: [], triggers: [] };
  const written = await writtenServices(root);
  const own = imported.filter(({ name }) => !written.includes(name));
  const read = async (file: string): Promise<{ file: string; objects: JsonObject[] }> => {
    const path = join(root, TEMPLATES, file);
    const documents = parseAllDocuments(await readFile(path, 'utf8'));
    return { file: relative('.', path), objects: documents.map((one) => one.toJS() as JsonObject) };
  };
  const [service, batch, triggers] = await Promise.all(
    ['service.yaml', 'batch.yaml', 'triggers.yaml'].map(read),
  );
  const batched = own.filter(({ name }) => name.length + BATCH.length <= MAX_NAME_LENGTH);
  const made = (
    template: typeof service,
    models: readonly ModelManifest[],
    make: (object: JsonObject, manifest: ModelManifest) => JsonObject,
  ): Manifest[] =>
    (template?.objects ?? []).flatMap((object) =>
      models.map((manifest) => ({ file: template?.file ?? '', object: make(object, manifest) })),
    );
  return {
    services: [...made(service, own, serviceOf), ...made(batch, batched, batchServiceOf)],
    triggers: made(triggers, batched, triggerOf),
  };
}

async function writtenServices(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'knative', 'base', 'kustomization.yaml'), 'utf8');
  const { resources = [] } = parse(text) as { resources?: string[] };
  return resources;
}

/** A copy of the template as the Service of one model. */
export function serviceOf(template: JsonObject, manifest: ModelManifest): JsonObject {
  const service = copyOf(template, manifest.name, manifest);
  const { annotations, spec } = partsOf(service);
  if (manifest.execution === 'worker') {
    // One run goes on, one waits; what is more waits in the activator, where a new pod can take it.
    const limit = Math.min(2 * (manifest.batch?.max_rows ?? 1), MAX_CONCURRENCY);
    spec['containerConcurrency'] = limit;
    annotations['autoscaling.knative.dev/target'] = String(limit);
    annotations['autoscaling.knative.dev/target-burst-capacity'] = '-1';
  }
  setMemory(service, manifest, manifest.execution === 'worker' ? 2 : 0);
  return service;
}

/** A copy of the template as the Service that scores a model's batch jobs. */
export function batchServiceOf(template: JsonObject, manifest: ModelManifest): JsonObject {
  const service = copyOf(template, `${manifest.name}${BATCH}`, manifest);
  setMemory(service, manifest, 1);
  return service;
}

/** A copy of a Trigger for one model. */
export function triggerOf(template: JsonObject, { name }: ModelManifest): JsonObject {
  const text = JSON.stringify(template);
  return JSON.parse(
    text
      .replaceAll(`"name":"${GENERIC_FUNCTION}`, `"name":"${name}`)
      .replaceAll(`"model":"${GENERIC_FUNCTION}"`, `"model":"${name}"`),
  ) as JsonObject;
}

function copyOf(template: JsonObject, name: string, manifest: ModelManifest): JsonObject {
  const service = structuredClone(template);
  rename(service, name);
  const { container } = partsOf(service);
  container['name'] = name;
  for (const variable of objectsAt(container, 'env')) {
    if (stringAt(variable, 'name') !== 'MODEL_URI') continue;
    variable['value'] = `s3://models/${packagePrefix(SHARED_TENANT, manifest)}`;
  }
  return service;
}

interface ServiceParts {
  readonly annotations: JsonObject;
  readonly spec: JsonObject;
  readonly container: JsonObject;
}

function partsOf(service: JsonObject): ServiceParts {
  const revision = objectAt(objectAt(service, 'spec'), 'template');
  const spec = objectAt(revision, 'spec');
  const [container = {}] = objectsAt(spec, 'containers');
  const annotations = objectAt(objectAt(revision, 'metadata'), 'annotations');
  return { annotations, spec, container };
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
function setMemory(service: JsonObject, manifest: ModelManifest, workers: number): void {
  const { container, spec } = partsOf(service);
  const weights = Math.ceil(fileWithRole(manifest, 'model').size_bytes / MEGABYTE);
  const limit = BASE_MEGABYTES + workers * (WORKER_MEGABYTES + weights) + 3 * weights;
  const limits = objectAt(objectAt(container, 'resources'), 'limits');
  limits['memory'] = `${limit}Mi`;
  for (const volume of objectsAt(spec, 'volumes')) {
    const empty = objectAt(volume, 'emptyDir');
    if ('sizeLimit' in empty) empty['sizeLimit'] = `${Math.max(BASE_MEGABYTES, 2 * weights)}Mi`;
  }
}
