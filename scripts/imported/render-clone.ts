import { join } from 'node:path';

import type { Manifest } from '../../knative/local/manifests/manifest.ts';
import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import { modelFolders } from '../models/package-folders.ts';
import { importedServices } from './imported-services.ts';

/**
 * The objects of an overlay with the Services of all imported models, which count as resources of
 * `knative/base`: what an overlay patches there, it patches in them too.
 * @throws {ManifestError} When a manifest is missing or wrong.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function renderClone(
  root: string,
  overlay: string,
  env: NodeJS.ProcessEnv,
): Promise<Manifest[]> {
  const manifests = await importedServices(root, modelFolders(root, env));
  return renderOverlay(overlay, { folder: join(root, 'knative', 'base'), manifests });
}
