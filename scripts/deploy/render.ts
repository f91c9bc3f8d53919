import { parseAllDocuments } from 'yaml';

import type { ClusterObject } from './kubectl.ts';
import { type KnativeService, knativeService, withRevisionName } from './revision.ts';
import { runCommand } from './run-command.ts';
import { sealConfigMaps } from './seal-config-maps.ts';

/** An overlay with its images pinned and its revisions named. */
export interface Rendering {
  readonly namespace: ClusterObject;
  /** What Services need first: settings, MinIO. */
  readonly platform: readonly ClusterObject[];
  readonly services: readonly KnativeService[];
}

/**
 * Renders a kustomize overlay with `images` (name in the manifests → reference by digest) in place.
 * Nothing is written to disk.
 * @throws {Error} When kustomize fails, or a manifest names an image that is not in `images`.
 */
export async function renderForCluster(
  overlay: string,
  images: ReadonlyMap<string, string>,
): Promise<Rendering> {
  const text = await runCommand('kubectl', ['kustomize', overlay], {
    advice: `\`kubectl kustomize ${overlay}\` must work`,
  });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as ClusterObject);
  for (const object of objects) pinImages(object, images);

  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  if (namespace === undefined) throw new Error(`${overlay} has no Namespace`);
  const services: KnativeService[] = [];
  const platform: ClusterObject[] = [];
  for (const object of objects) {
    const service = knativeService.safeParse(object);
    if (service.success) services.push(service.data);
    else if (object !== namespace) platform.push(object);
  }
  const sealed = sealConfigMaps(platform, services);
  return {
    namespace,
    platform: sealed.objects,
    services: sealed.services.map(withRevisionName),
  };
}

/** Replaces the `image` of every container below `value`, in place. */
export function pinImages(value: unknown, images: ReadonlyMap<string, string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'containers' || key === 'initContainers') pinContainers(inner, images);
    else pinImages(inner, images);
  }
}

function pinContainers(containers: unknown, images: ReadonlyMap<string, string>): void {
  for (const container of containers as { image: string }[]) {
    const pinned = images.get(container.image);
    if (pinned === undefined) throw new Error(`No image was built for "${container.image}"`);
    container.image = pinned;
  }
}
