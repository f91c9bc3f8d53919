import { join } from 'node:path';

import { type Manifest, stringAt } from '../../knative/local/manifests/manifest.ts';
import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import { modelFolders } from '../models/package-folders.ts';
import { importedManifests } from './imported-manifests.ts';

/**
 * The objects of an overlay with the Services and Triggers of all imported models, which count as resources of
 * `knative/base`: what an overlay patches there, it patches in them too.
 * @throws {ManifestError} When a manifest is missing or wrong.
 * @throws {ModelLoadError} When a `model.json` is not valid.
 */
export async function renderClone(
  root: string,
  overlay: string,
  env: NodeJS.ProcessEnv,
): Promise<Manifest[]> {
  const { services, triggers } = await importedManifests(root, modelFolders(root, env));
  const folder = join(root, 'knative', 'base');
  const rendered = await renderOverlay(overlay, { folder, manifests: services });
  // Without a broker there is nothing that they could be triggers of.
  const hasBroker = rendered.some(({ object }) => stringAt(object, 'kind') === 'Broker');
  if (triggers.length === 0 || !hasBroker) return rendered;
  return await renderOverlay(overlay, { folder, manifests: [...services, ...triggers] });
}
