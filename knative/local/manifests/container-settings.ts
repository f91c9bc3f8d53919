import { environmentSchema, FILE_SETTINGS } from '../../../functions/runtime/config.ts';
import {
  type JsonObject,
  type Manifest,
  manifestName,
  objectAt,
  objectsAt,
  stringAt,
} from './manifest.ts';

/** One variable of a container, and where it was written. */
export interface Setting {
  readonly value: string;
  /** The file of the ConfigMap, or of the Service for its own `env`. */
  readonly source: string;
}

/** What a container finds in its environment, and what is wrong with where that comes from. */
export interface ContainerSettings {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly faults: readonly string[];
}

/**
 * The variables of one container: its ConfigMaps in the order of `envFrom`, a later one above an earlier, then
 * `env` above them all, as Kubernetes has it (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables).
 * @param manifests Everything that was rendered with it; ConfigMaps are looked up here.
 */
export function containerSettings(
  container: JsonObject,
  service: Manifest,
  manifests: readonly Manifest[],
): ContainerSettings {
  const settings = new Map<string, Setting>();
  const faults: string[] = [];
  for (const name of objectsAt(container, 'envFrom').map((entry) =>
    stringAt(objectAt(entry, 'configMapRef'), 'name'),
  )) {
    const found = manifests.find((manifest) => isConfigMap(manifest, name, service));
    if (found === undefined) {
      faults.push(`envFrom: there is no ConfigMap ${name} beside the Service`);
      continue;
    }
    faults.push(...configMapFaults(found));
    const data = objectAt(found.object, 'data');
    for (const key of Object.keys(data)) {
      settings.set(key, { value: stringAt(data, key), source: found.file });
    }
  }
  for (const entry of objectsAt(container, 'env')) {
    const setting = { value: stringAt(entry, 'value'), source: service.file };
    settings.set(stringAt(entry, 'name'), setting);
  }
  return { settings, faults };
}

/** Whether this is the ConfigMap `name` in the namespace of `service`. */
function isConfigMap({ object }: Manifest, name: string, service: Manifest): boolean {
  return (
    stringAt(object, 'kind') === 'ConfigMap' &&
    stringAt(objectAt(object, 'metadata'), 'name') === name &&
    stringAt(objectAt(object, 'metadata'), 'namespace') ===
      stringAt(objectAt(service.object, 'metadata'), 'namespace')
  );
}

/** A function ignores what it does not know, so a name with a typing error would be lost in silence. */
function configMapFaults(manifest: Manifest): string[] {
  const where = `${manifest.file}: ${manifestName(manifest)}: data`;
  return Object.entries(objectAt(manifest.object, 'data')).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [`${where}.${name}: must be text: put it in quotes`];
    return isSettingName(name) ? [] : [`${where}.${name}: is not a setting of a function`];
  });
}

function isSettingName(name: string): boolean {
  const inFile = FILE_SETTINGS.map((setting) => `${setting}_FILE`);
  return Object.hasOwn(environmentSchema.shape, name) || inFile.includes(name);
}
