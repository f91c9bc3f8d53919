import { createHash } from 'node:crypto';

import type { ClusterObject } from './kubectl.ts';
import { type KnativeService, sorted } from './revision.ts';

/** ConfigMaps under names of their own content, and the Services that refer to them so. */
export interface Sealed {
  readonly objects: readonly ClusterObject[];
  readonly services: readonly KnativeService[];
}

/**
 * Puts the content's hash into the name of each ConfigMap that a Service takes its variables from, and makes
 * it immutable. A revision then keeps the settings it was made with, for as long as it can be rolled back to,
 * and other settings are another revision.
 */
export function sealConfigMaps(
  objects: readonly ClusterObject[],
  services: readonly KnativeService[],
): Sealed {
  const wanted = new Set(services.flatMap(configMapsOf));
  const names = new Map<string, string>();
  const sealed = objects.map((object) => {
    const { name } = object.metadata;
    if (object.kind !== 'ConfigMap' || !wanted.has(name)) return object;
    const hash = createHash('sha256').update(JSON.stringify(sorted(object['data'])));
    const own = `${name}-${hash.digest('hex').slice(0, 8)}`;
    names.set(name, own);
    return { ...object, immutable: true, metadata: { ...object.metadata, name: own } };
  });
  return { objects: sealed, services: services.map((service) => renamed(service, names)) };
}

function configMapsOf({ spec }: KnativeService): string[] {
  return spec.template.spec.containers.flatMap(({ envFrom }) =>
    envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? []),
  );
}

function renamed(service: KnativeService, names: ReadonlyMap<string, string>): KnativeService {
  const { template } = service.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    envFrom: container.envFrom.map((entry) => {
      if (entry.configMapRef === undefined) return entry;
      const name = names.get(entry.configMapRef.name);
      if (name === undefined) {
        throw new Error(
          `Service ${service.metadata.name} takes settings from ConfigMap ${entry.configMapRef.name}, which the overlay does not have`,
        );
      }
      return { ...entry, configMapRef: { ...entry.configMapRef, name } };
    }),
  }));
  const spec = { ...template.spec, containers };
  return { ...service, spec: { ...service.spec, template: { ...template, spec } } };
}
