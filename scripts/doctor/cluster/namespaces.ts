import type { Manifest } from '../../../knative/local/manifests/manifest.ts';
import type { CheckContext } from '../check.ts';
import {
  type Overlay,
  readOverlays,
  type RenderedService,
  servicesOf,
} from '../manifests/read-overlays.ts';
import { kubectl } from './kubectl.ts';

/** An overlay that renders, with its Services and where they go. */
export interface UsedOverlay {
  readonly name: string;
  readonly namespace: string;
  /** Whether the cluster has that namespace. */
  readonly exists: boolean;
  readonly services: readonly RenderedService[];
  readonly manifests: readonly Manifest[];
}

/** What a deploy without more words is for. */
const DEFAULT_OVERLAY = 'dev';

/** The overlays whose namespace is on the cluster; before the first deploy, the one for development. */
export async function usedOverlays(context: CheckContext): Promise<UsedOverlay[]> {
  const args = ['get', 'namespaces', '--output', 'name'];
  const { stdout } = await kubectl(context, args);
  const there = new Set(stdout.split('\n').map((line) => line.replace('namespace/', '')));
  const overlays = (await readOverlays(context)).flatMap((overlay) => opened(overlay, there));
  const deployed = overlays.filter(({ exists }) => exists);
  return deployed.length > 0 ? deployed : overlays.filter(({ name }) => name === DEFAULT_OVERLAY);
}

/** The namespace that a deploy goes to. */
export async function deployNamespace(
  context: CheckContext,
): Promise<{ name: string; exists: boolean }> {
  const overlays = await usedOverlays(context);
  const overlay = overlays.find(({ name }) => name === DEFAULT_OVERLAY) ?? overlays[0];
  return { name: overlay?.namespace ?? 'default', exists: overlay?.exists ?? true };
}

/** One that does not render is left to the check of the manifests. */
function opened(overlay: Overlay, there: ReadonlySet<string>): UsedOverlay[] {
  if ('faults' in overlay) return [];
  const services = servicesOf(overlay.name, overlay.manifests);
  const namespace = services[0]?.namespace ?? 'default';
  const { name, manifests } = overlay;
  return [{ name, namespace, exists: there.has(namespace), services, manifests }];
}
