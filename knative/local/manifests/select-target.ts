import type { PatchTarget } from './kustomization-schema.ts';
import { objectAt, stringAt, type JsonObject } from './manifest.ts';

/** Whether a patch with this target applies to `object`; a field that is left out matches everything. */
export function isTarget(object: JsonObject, target: PatchTarget): boolean {
  const [version = '', group = ''] = stringAt(object, 'apiVersion').split('/').toReversed();
  const metadata = objectAt(object, 'metadata');
  return (
    (target.group ?? group) === group &&
    (target.version ?? version) === version &&
    (target.kind ?? stringAt(object, 'kind')) === stringAt(object, 'kind') &&
    (target.name ?? stringAt(metadata, 'name')) === stringAt(metadata, 'name') &&
    hasLabels(objectAt(metadata, 'labels'), target.labelSelector)
  );
}

function hasLabels(labels: JsonObject, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  return selector.split(',').every((requirement) => {
    const [key = '', value = ''] = requirement.split(/={1,2}/);
    return Object.hasOwn(labels, key) && labels[key] === value;
  });
}
