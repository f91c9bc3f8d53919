import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';
import type * as z from 'zod';

import { changeImages } from './change-images.ts';
import { applyJsonPatch, jsonPatch, type JsonPatch } from './json-patch.ts';
import { kustomization, type Kustomization } from './kustomization-schema.ts';
import {
  isJsonObject,
  type Json,
  type Manifest,
  ManifestError,
  manifestName,
  objectAt,
} from './manifest.ts';
import { isTarget } from './select-target.ts';
import { setNamespace } from './set-namespace.ts';

/** The names under which kustomize looks for its file. */
const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Objects that count as resources of the kustomization in a folder. */
export interface AddedManifests {
  readonly folder: string;
  readonly manifests: readonly Manifest[];
}

const NONE: AddedManifests = { folder: '', manifests: [] };

/**
 * The objects of the kustomization in `dir`, as `kubectl kustomize` gives them (in the order of the files).
 * @throws {ManifestError} When a file is missing or wrong, or uses a part of kustomize that is not
 *   implemented here; the message names the file and the field.
 */
export async function renderOverlay(dir: string, added = NONE): Promise<Manifest[]> {
  return renderFolder(dir, [], added);
}

/** A component gets what was gathered before it; a kustomization starts with nothing. */
async function renderFolder(
  dir: string,
  gathered: readonly Manifest[],
  added: AddedManifests,
): Promise<Manifest[]> {
  const { file, spec } = await readKustomization(dir);
  let manifests = [...gathered];
  for (const resource of spec.resources)
    manifests.push(...(await readResource(dir, resource, { from: file, added })));
  if (added.folder !== '' && resolve(dir) === resolve(added.folder)) {
    manifests.push(...structuredClone(added.manifests));
  }
  for (const component of spec.components) {
    manifests = await renderFolder(join(dir, component), manifests, added);
  }
  refuseDuplicates(manifests);
  // kustomize's own order: patches, then namespace, labels, images.
  manifests = await patched(manifests, dir, file, spec);
  for (const { object } of manifests) {
    if (spec.namespace !== undefined) setNamespace(object, spec.namespace);
    for (const { pairs } of spec.labels) {
      const metadata = objectAt(object, 'metadata');
      metadata['labels'] = { ...objectAt(metadata, 'labels'), ...pairs };
    }
    changeImages(object, spec.images);
  }
  return manifests;
}

async function readKustomization(dir: string): Promise<{ file: string; spec: Kustomization }> {
  for (const name of FILE_NAMES) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const file = shown(join(dir, name));
    return { file, spec: checked(kustomization, withDefaults(parseYaml(text, file)), file) };
  }
  throw new ManifestError([`${shown(dir)}: there is no kustomization.yaml in this folder`]);
}

/** kustomize lets `apiVersion` and `kind` be left out of a Kustomization. */
function withDefaults(value: unknown): unknown {
  const defaults = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  return typeof value === 'object' && value !== null ? { ...defaults, ...value } : value;
}

async function readResource(
  dir: string,
  resource: string,
  { from, added }: { readonly from: string; readonly added: AddedManifests },
): Promise<Manifest[]> {
  if (/^[a-z+]+:\/\/|^git@|\?ref=/.test(resource)) {
    throw new ManifestError([
      `${from}: resources: ${resource}: remote resources are not implemented`,
    ]);
  }
  const path = join(dir, resource);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new ManifestError([`${from}: resources: ${resource}: there is no such file or folder`]);
  }
  return found.isDirectory() ? renderFolder(path, [], added) : readObjects(path);
}

async function readObjects(path: string): Promise<Manifest[]> {
  const file = shown(path);
  const documents = parseAllDocuments(await readFile(path, 'utf8'));
  const manifests: Manifest[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) throw new ManifestError([`${file}: ${error.message}`]);
    const object = document.toJS() as Json;
    if (object === null) continue;
    if (!isJsonObject(object) || typeof object['kind'] !== 'string') {
      throw new ManifestError([`${file}: holds something that is not a Kubernetes object`]);
    }
    manifests.push({ file, object });
  }
  return manifests;
}

function refuseDuplicates(manifests: readonly Manifest[]): void {
  const seen = new Map<string, string>();
  for (const manifest of manifests) {
    const metadata = objectAt(manifest.object, 'metadata');
    const key = JSON.stringify([
      manifest.object['apiVersion'],
      metadata['namespace'],
      manifestName(manifest),
    ]);
    const other = seen.get(key);
    if (other !== undefined) {
      throw new ManifestError([`${manifest.file}: ${manifestName(manifest)} is also in ${other}`]);
    }
    seen.set(key, manifest.file);
  }
}

async function patched(
  manifests: readonly Manifest[],
  dir: string,
  file: string,
  spec: Kustomization,
): Promise<Manifest[]> {
  let current = [...manifests];
  for (const [index, { target, patch, path }] of spec.patches.entries()) {
    const place = `${file}: patches.${index}`;
    const operations = readPatch(patch ?? (await readText(dir, path ?? '', place)), place);
    current = current.map((manifest) =>
      isTarget(manifest.object, target) ? patchOne(manifest, operations, place) : manifest,
    );
  }
  return current;
}

async function readText(dir: string, path: string, place: string): Promise<string> {
  return readFile(join(dir, path), 'utf8').catch((cause: unknown) => {
    throw new ManifestError([`${place}: cannot read ${path}`], { cause });
  });
}

/** kustomize takes a patch that begins with `[` for JSON, in which keys and strings have quotes. */
function readPatch(text: string, place: string): JsonPatch {
  const value = text.startsWith('[') ? parseJson(text, place) : parseYaml(text, place);
  if (!Array.isArray(value)) {
    throw new ManifestError([
      `${place}: strategic merge patches are not implemented: they drop "env" from a Knative Service; write JSON 6902 operations`,
    ]);
  }
  return checked(jsonPatch, value, place);
}

function patchOne(manifest: Manifest, operations: JsonPatch, place: string): Manifest {
  try {
    const object = applyJsonPatch(manifest.object, operations);
    if (!isJsonObject(object)) throw new Error('the result is not an object');
    return { file: manifest.file, object };
  } catch (cause) {
    throw new ManifestError(
      [`${place}: does not apply to ${manifestName(manifest)}: ${(cause as Error).message}`],
      { cause },
    );
  }
}

function parseYaml(text: string, place: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new ManifestError([`${place}: ${(cause as Error).message}`], { cause });
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ManifestError(
      [`${place}: begins with "[" and so must be JSON: ${(cause as Error).message}`],
      { cause },
    );
  }
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ManifestError(
    parsed.error.issues.map((issue) => {
      const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
      const what =
        issue.code === 'unrecognized_keys'
          ? `${issue.keys.join(', ')}: not implemented in the local stand-in`
          : issue.message;
      return `${place}: ${at}${what}`;
    }),
  );
}

function shown(path: string): string {
  return relative('.', path) || '.';
}
