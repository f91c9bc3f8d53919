import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { containerSettings } from '../../../knative/local/manifests/container-settings.ts';
import {
  type JsonObject,
  type Manifest,
  ManifestError,
  objectAt,
  objectsAt,
  stringAt,
} from '../../../knative/local/manifests/manifest.ts';
import { renderClone } from '../../imported/render-clone.ts';
import type { CheckContext } from '../check.ts';

/** One overlay: what it renders to, or why it does not. */
export type Overlay = { readonly name: string } & (
  | { readonly manifests: readonly Manifest[] }
  | { readonly faults: readonly string[] }
);

/** Every overlay in `knative/overlays`, in order of their names. */
export async function readOverlays({
  root,
  env,
}: Pick<CheckContext, 'root' | 'env'>): Promise<Overlay[]> {
  const overlays = join(root, 'knative', 'overlays');
  const names = (await readdir(overlays).catch((): string[] => [])).toSorted();
  const folders = names.filter((name) => existsSync(join(overlays, name, 'kustomization.yaml')));
  return Promise.all(
    folders.map(async (name): Promise<Overlay> => {
      try {
        return { name, manifests: await renderClone(root, join(overlays, name), env) };
      } catch (cause) {
        if (!(cause instanceof ManifestError)) throw cause;
        return { name, faults: cause.faults };
      }
    }),
  );
}

/** A rendered Knative Service, opened up for rules. Nothing in it has been validated. */
export interface RenderedService {
  /** `dev: Service iris`, for messages. */
  readonly where: string;
  readonly name: string;
  readonly namespace: string;
  readonly object: JsonObject;
  readonly metadata: JsonObject;
  readonly templateMetadata: JsonObject;
  /** Of the template: text only. */
  readonly annotations: ReadonlyMap<string, string>;
  /** `spec.template.spec`. */
  readonly spec: JsonObject;
  readonly containers: readonly JsonObject[];
  /** Of all containers, ConfigMaps included. */
  readonly env: ReadonlyMap<string, string>;
}

/** The Knative Services among the manifests of an overlay. */
export function servicesOf(overlay: string, manifests: readonly Manifest[]): RenderedService[] {
  return manifests
    .filter(
      ({ object }) =>
        stringAt(object, 'kind') === 'Service' &&
        stringAt(object, 'apiVersion').startsWith('serving.knative.dev/'),
    )
    .map((manifest) => openService(overlay, manifest, manifests));
}

function openService(
  overlay: string,
  manifest: Manifest,
  manifests: readonly Manifest[],
): RenderedService {
  const { object } = manifest;
  const metadata = objectAt(object, 'metadata');
  const template = objectAt(objectAt(object, 'spec'), 'template');
  const templateMetadata = objectAt(template, 'metadata');
  const spec = objectAt(template, 'spec');
  const containers = objectsAt(spec, 'containers');
  const name = stringAt(metadata, 'name');
  return {
    where: `${overlay}: Service ${name}`,
    name,
    namespace: stringAt(metadata, 'namespace') || 'default',
    object,
    metadata,
    templateMetadata,
    annotations: textsOf(objectAt(templateMetadata, 'annotations')),
    spec,
    containers,
    env: new Map(
      containers
        .flatMap((container) => [...containerSettings(container, manifest, manifests).settings])
        .map(([variable, { value }]) => [variable, value]),
    ),
  };
}

function textsOf(object: JsonObject): Map<string, string> {
  return new Map(
    Object.entries(object).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as const] : [],
    ),
  );
}
