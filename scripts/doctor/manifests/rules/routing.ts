import { objectAt, objectsAt } from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

const VISIBILITY = 'networking.knative.dev/visibility';

/** Traps in who reaches a Service and which of its revisions. */
export function routingTraps(service: RenderedService): Line[] {
  return [...traffic(service), ...visibility(service)];
}

function traffic({ where, object }: RenderedService): Line[] {
  const targets = objectsAt(objectAt(object, 'spec'), 'traffic');
  const sum = targets.reduce((total, { percent }) => total + Number(percent ?? 0), 0);
  return targets.length > 0 && sum !== 100
    ? [found('TRAFFIC_NOT_100', `${where}: they sum up to ${sum}`)]
    : [];
}

function visibility({ where, name, metadata, templateMetadata }: RenderedService): Line[] {
  const label = objectAt(metadata, 'labels')[VISIBILITY];
  const onTemplate = objectAt(templateMetadata, 'labels')[VISIBILITY];
  const lines: Line[] = [];
  if (label !== undefined && label !== 'cluster-local') {
    lines.push(found('VISIBILITY_WITHOUT_EFFECT', `${where}: ${JSON.stringify(label)}`));
  } else if (onTemplate !== undefined && label === undefined) {
    lines.push(found('VISIBILITY_WITHOUT_EFFECT', `${where}: on the template`));
  }
  if (name.endsWith('-batch') && label !== 'cluster-local') {
    lines.push(found('BATCH_SERVICE_PUBLIC', where));
  }
  return lines;
}
