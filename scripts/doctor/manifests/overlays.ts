import { modelFolders } from '../../models/package-folders.ts';
import { type CheckContext, found, type Line, ok } from '../check.ts';
import { type Overlay, readOverlays, servicesOf } from './read-overlays.ts';
import { containerTraps, textTraps } from './rules/containers.ts';
import { deliveryTraps } from './rules/delivery.ts';
import { imageTraps } from './rules/images.ts';
import { modelTraps } from './rules/models.ts';
import { probeTraps } from './rules/probes.ts';
import { routingTraps } from './rules/routing.ts';
import { scalingTraps } from './rules/scaling.ts';
import { timeoutTraps } from './rules/timeouts.ts';

/** The known traps in what each overlay renders to. */
export async function checkOverlays(context: CheckContext): Promise<readonly Line[]> {
  const overlays = await readOverlays(context);
  const folders = modelFolders(context.root, context.env);
  return overlays.flatMap((overlay) => overlayLines(folders, overlay));
}

function overlayLines(folders: readonly string[], overlay: Overlay): readonly Line[] {
  const { name } = overlay;
  if ('faults' in overlay) {
    return overlay.faults.map((fault) => {
      const isMerge = fault.includes('strategic merge patches');
      return found(isMerge ? 'STRATEGIC_MERGE_PATCH' : 'OVERLAY_BROKEN', `${name}: ${fault}`);
    });
  }
  const { manifests } = overlay;
  const services = servicesOf(name, manifests);
  const traps = [
    ...services.flatMap((service) => [
      ...textTraps(service),
      ...scalingTraps(service),
      ...timeoutTraps(service),
      ...probeTraps(service),
      ...containerTraps(service),
      ...routingTraps(service),
      ...modelTraps(folders, service),
    ]),
    ...imageTraps(name, manifests),
    ...deliveryTraps(name, manifests, services),
  ];
  const names = services.map((service) => service.name).join(', ');
  return traps.length === 0 ? [ok(`${name}: ${names}: none of the known traps`)] : traps;
}
