import {
  isJsonObject,
  type Json,
  type Manifest,
  manifestName,
  stringAt,
} from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';

/** What a deploy puts digests in place of. */
const BUILT_BY_DEPLOY = ['pilotlight', 'pilotlight-minio'];

/** Images of an overlay that can change under their name, in objects of any kind. */
export function imageTraps(overlay: string, manifests: readonly Manifest[]): Line[] {
  return manifests.flatMap((manifest) =>
    imagesIn(manifest.object)
      .filter((image) => !BUILT_BY_DEPLOY.includes(image) && canMove(image))
      .map((image) => found('IMAGE_LATEST', `${overlay}: ${manifestName(manifest)}: ${image}`)),
  );
}

function canMove(image: string): boolean {
  if (image.includes('@sha256:')) return false;
  const [, tag] = /:([^/:]+)$/.exec(image) ?? [];
  return tag === undefined || tag === 'latest';
}

function imagesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (!/^(?:initC|c)ontainers$/.test(key) || !Array.isArray(child)) return imagesIn(child);
    return child.filter(isJsonObject).map((container) => stringAt(container, 'image'));
  });
}
