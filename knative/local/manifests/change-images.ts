import type { ImageChange } from './kustomization-schema.ts';
import { isJsonObject, type Json } from './manifest.ts';

/** What `images:` of a kustomization does to one object, which is changed in place. */
export function changeImages(value: Json, changes: readonly ImageChange[]): void {
  if (Array.isArray(value)) {
    for (const item of value) changeImages(item, changes);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(child)) {
      for (const container of child) {
        if (isJsonObject(container) && typeof container['image'] === 'string') {
          container['image'] = changedImage(container['image'], changes);
        }
      }
    }
    changeImages(child, changes);
  }
}

function changedImage(image: string, changes: readonly ImageChange[]): string {
  let current = image;
  for (const { name, newName, newTag, digest } of changes) {
    const parts = splitImage(current);
    if (parts.name !== name) continue;
    const suffix =
      newTag === undefined && digest === undefined
        ? parts.suffix
        : (newTag === undefined ? '' : `:${newTag}`) + (digest === undefined ? '' : `@${digest}`);
    current = (newName ?? name) + suffix;
  }
  return current;
}

/** A colon before the last slash belongs to the registry's port. */
function splitImage(image: string): { name: string; suffix: string } {
  const at = image.indexOf('@');
  const beforeDigest = at === -1 ? image : image.slice(0, at);
  const colon = beforeDigest.indexOf(':', beforeDigest.lastIndexOf('/') + 1);
  const end = colon === -1 ? beforeDigest.length : colon;
  return { name: image.slice(0, end), suffix: image.slice(end) };
}
