import {
  type JsonObject,
  type Manifest,
  manifestName,
  objectAt,
  stringAt,
} from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';
import { timeoutSeconds } from './timeouts.ts';

/** Triggers whose delivery outlasts the Service that they deliver to. */
export function deliveryTraps(
  overlay: string,
  manifests: readonly Manifest[],
  services: readonly RenderedService[],
): Line[] {
  const brokers = new Map(
    manifests
      .filter(({ object }) => isEventing(object, 'Broker'))
      .map(({ object }) => [stringAt(objectAt(object, 'metadata'), 'name'), object]),
  );
  return manifests
    .filter(({ object }) => isEventing(object, 'Trigger'))
    .flatMap((manifest) => {
      const spec = objectAt(manifest.object, 'spec');
      const broker = objectAt(brokers.get(stringAt(spec, 'broker')) ?? {}, 'spec');
      const timeout =
        stringAt(objectAt(spec, 'delivery'), 'timeout') ||
        stringAt(objectAt(broker, 'delivery'), 'timeout');
      const name = stringAt(objectAt(objectAt(spec, 'subscriber'), 'ref'), 'name');
      const service = services.find((each) => each.name === name);
      const seconds = durationSeconds(timeout);
      if (service === undefined || seconds === undefined) return [];
      const limit = timeoutSeconds(service);
      if (seconds < limit) return [];
      const text = `${overlay}: ${manifestName(manifest)}: ${timeout}, and ${name} has ${limit} s`;
      return [found('DELIVERY_TIMEOUT_TOO_LONG', text)];
    });
}

function isEventing(object: JsonObject, kind: string): boolean {
  return (
    stringAt(object, 'kind') === kind &&
    stringAt(object, 'apiVersion').startsWith('eventing.knative.dev/')
  );
}

/** Seconds of an ISO 8601 duration such as `PT1M30S`; `undefined` when it is none. */
function durationSeconds(text: string): number | undefined {
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text);
  if (parts === null || text === 'PT') return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = parts;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
