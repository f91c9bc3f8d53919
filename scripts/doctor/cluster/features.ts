import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { onCluster } from './access.ts';
import { configMapsIn } from './config-maps.ts';
import { neededFlags, usesTags } from './feature-flags.ts';
import { usedOverlays } from './namespaces.ts';

const TAG_FLAG = 'tag-header-based-routing';

/** Whether Knative's feature flags allow what the overlays that are used here need. */
export function checkFeatures(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const maps = await configMapsIn(context, 'knative-serving', ['config-features']);
    if ('problem' in maps) return [skipped(`config-features cannot be read: ${maps.problem}`)];
    const flags = maps.get('config-features') ?? {};
    const overlays = await usedOverlays(context);
    const services = overlays.flatMap((overlay) => overlay.services);
    const needs = services.flatMap((service) =>
      neededFlags(service).map((needed) => ({ ...needed, where: service.where })),
    );
    const lines = needs
      .filter(({ flag, byDefault }) => isOff(flags[flag] ?? byDefault))
      .map(({ flag, field, where }) => found('FEATURE_DISABLED', `${where}: ${field}: ${flag}`));
    if (services.some(usesTags) && isOff(flags[TAG_FLAG] ?? 'disabled')) {
      lines.push(found('TAG_HEADER_ROUTING_OFF', TAG_FLAG));
    }
    const names = [...new Set(needs.map(({ field }) => field))].join(', ');
    return lines.length > 0
      ? lines
      : [ok(`flags allow what is used: ${names || 'nothing special'}`)];
  });
}

/** `allowed` and words of single flags such as `AllowRootBounded` let a field pass as `enabled` does. */
function isOff(value: string): boolean {
  return value.toLowerCase() === 'disabled';
}
