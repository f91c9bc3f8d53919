import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { readEventing } from '../../knative/local/manifests/read-eventing.ts';
import { readServices } from '../../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import type { CloneFile } from './clone-files.ts';

/**
 * What is wrong with the manifests: a YAML file that does not parse, an overlay that does not render, a
 * Service with a field that the local stand-in does not know.
 */
export async function manifestFaults(root: string, files: readonly CloneFile[]): Promise<string[]> {
  const manifests = files.filter(({ path }) => /^knative\/.*\.ya?ml$/.test(path));
  const faults = manifests.flatMap(({ path, text }) =>
    parseAllDocuments(text).flatMap(({ errors }) =>
      errors.map(({ message }) => `${path}: ${message}`),
    ),
  );
  const overlays = manifests.flatMap(
    ({ path }) => /^knative\/overlays\/[^/]+(?=\/kustomization\.ya?ml$)/.exec(path)?.[0] ?? [],
  );
  for (const overlay of overlays) {
    try {
      const rendered = await renderOverlay(join(root, overlay));
      const readings = readServices(rendered);
      readEventing(
        rendered,
        readings.map(({ service }) => service),
      );
    } catch (cause) {
      faults.push(`${overlay}: ${(cause as Error).message}`);
    }
  }
  return faults;
}
