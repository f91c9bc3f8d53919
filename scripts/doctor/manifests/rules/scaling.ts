import { objectAt } from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

const AUTOSCALING = 'autoscaling.knative.dev/';
const ROLLOUT = 'serving.knative.dev/rollout-duration';

/** Traps in what a Service says about its scale. */
export function scalingTraps(service: RenderedService): Line[] {
  return [...misplaced(service), ...bounds(service), ...target(service)];
}

function misplaced({ where, metadata, annotations }: RenderedService): Line[] {
  const onService = Object.keys(objectAt(metadata, 'annotations'))
    .filter((key) => key.startsWith(AUTOSCALING))
    .map((key) => found('AUTOSCALING_ON_SERVICE', `${where}: ${key}`));
  return annotations.has(ROLLOUT) ? [...onService, found('ROLLOUT_ON_TEMPLATE', where)] : onService;
}

function bounds({ where, annotations }: RenderedService): Line[] {
  const min = Number(annotations.get(`${AUTOSCALING}min-scale`) ?? 0);
  const max = Number(annotations.get(`${AUTOSCALING}max-scale`) ?? 0);
  const lines: Line[] = [];
  if (max === 0) lines.push(found('SCALE_UNBOUNDED', where));
  else if (min > max) lines.push(found('SCALE_BOUNDS_CROSSED', `${where}: ${min} above ${max}`));
  if (annotations.get(`${AUTOSCALING}initial-scale`) === '0') {
    lines.push(found('INITIAL_SCALE_ZERO', where));
  }
  return lines;
}

function target({ where, annotations, spec }: RenderedService): Line[] {
  const wanted = Number(annotations.get(`${AUTOSCALING}target`) ?? 0);
  const metric = annotations.get(`${AUTOSCALING}metric`) ?? 'concurrency';
  const limit = Number(spec['containerConcurrency'] ?? 0);
  return metric === 'concurrency' && limit > 0 && wanted > limit
    ? [
        found(
          'TARGET_ABOVE_CONCURRENCY',
          `${where}: target ${wanted}, containerConcurrency ${limit}`,
        ),
      ]
    : [];
}
