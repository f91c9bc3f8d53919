import { isJsonObject, objectAt } from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

/** Traps in the probes of a Service. */
export function probeTraps({ where, containers }: RenderedService): Line[] {
  return containers.flatMap(({ readinessProbe, startupProbe }) => {
    const lines: Line[] = [];
    if (isJsonObject(readinessProbe)) {
      const { periodSeconds, failureThreshold, timeoutSeconds, successThreshold } = readinessProbe;
      if (periodSeconds === 0 && (failureThreshold ?? timeoutSeconds) !== undefined) {
        lines.push(found('PROBE_THRESHOLD_REFUSED', `${where}: readinessProbe`));
      }
      if (successThreshold === undefined) {
        lines.push(found('PROBE_SUCCESS_THRESHOLD_MISSING', `${where}: readinessProbe`));
      }
    }
    if (isJsonObject(startupProbe)) {
      const asks = { ...objectAt(startupProbe, 'tcpSocket'), ...objectAt(startupProbe, 'httpGet') };
      const hasRequest = ['httpGet', 'tcpSocket'].some((kind) => startupProbe[kind] !== undefined);
      if (hasRequest && asks['port'] === undefined) {
        lines.push(found('STARTUP_PROBE_PORT_MISSING', `${where}: startupProbe`));
      }
    }
    return lines;
  });
}
