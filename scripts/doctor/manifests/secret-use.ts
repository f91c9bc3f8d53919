import {
  isJsonObject,
  type JsonObject,
  objectAt,
  objectsAt,
  stringAt,
} from '../../../knative/local/manifests/manifest.ts';

/** A Secret that pods need before they can start. */
export interface SecretUse {
  readonly secret: string;
  /** The entry of it that is needed; `undefined` when that cannot be told from the manifest. */
  readonly key: string | undefined;
}

/** A variable that names a file: what is in the file is what counts. */
const FILE_VARIABLE = /_FILE$/;

/** Every Secret, with the keys of it, that the pods of a pod template use. Optional ones are left out. */
export function secretUses(podSpec: JsonObject): SecretUse[] {
  const volumes = secretVolumes(podSpec);
  const containers = ['initContainers', 'containers'].flatMap((list) => objectsAt(podSpec, list));
  return [
    ...volumes.map(({ secret }) => ({ secret, key: undefined })),
    ...containers.flatMap((container) => [
      ...filesRead(container, volumes),
      ...objectsAt(container, 'env').flatMap((entry) => {
        const { name, key, isOptional } = reference(
          objectAt(objectAt(entry, 'valueFrom'), 'secretKeyRef'),
        );
        return name === '' || isOptional ? [] : [{ secret: name, key }];
      }),
      ...objectsAt(container, 'envFrom').flatMap((entry) => {
        const { name, isOptional } = reference(objectAt(entry, 'secretRef'));
        return name === '' || isOptional ? [] : [{ secret: name, key: undefined }];
      }),
    ]),
  ];
}

/** The Secret and key behind a variable such as `AWS_ACCESS_KEY_ID_FILE`; `undefined` when it is no Secret's file. */
export function secretBehind(
  podSpec: JsonObject,
  variable: string,
): Required<SecretUse> | undefined {
  const volumes = secretVolumes(podSpec);
  const uses = objectsAt(podSpec, 'containers').flatMap((container) =>
    filesRead(container, volumes, (name) => name === variable),
  );
  return uses[0];
}

interface SecretVolume {
  readonly volume: string;
  readonly secret: string;
  /** File name to key, where the volume renames them. */
  readonly keys: ReadonlyMap<string, string>;
}

function secretVolumes(podSpec: JsonObject): SecretVolume[] {
  return objectsAt(podSpec, 'volumes').flatMap((volume) => {
    const secret = objectAt(volume, 'secret');
    const name = stringAt(secret, 'secretName');
    if (name === '' || secret['optional'] === true) return [];
    const items = objectsAt(secret, 'items');
    const keys = new Map(items.map((item) => [stringAt(item, 'path'), stringAt(item, 'key')]));
    return [{ volume: stringAt(volume, 'name'), secret: name, keys }];
  });
}

/** Files of Secrets that variables of a container name. */
function filesRead(
  container: JsonObject,
  volumes: readonly SecretVolume[],
  isWanted = (name: string): boolean => FILE_VARIABLE.test(name),
): SecretUse[] {
  const paths = objectsAt(container, 'env')
    .filter((entry) => isWanted(stringAt(entry, 'name')))
    .map((entry) => stringAt(entry, 'value'));
  return objectsAt(container, 'volumeMounts').flatMap((mount) => {
    const from = volumes.find(({ volume }) => volume === stringAt(mount, 'name'));
    const folder = `${stringAt(mount, 'mountPath')}/`;
    if (from === undefined) return [];
    return paths
      .filter((path) => path.startsWith(folder))
      .map((path) => path.slice(folder.length))
      .map((file) => ({ secret: from.secret, key: from.keys.get(file) ?? file }));
  });
}

function reference(ref: JsonObject): { name: string; key: string; isOptional: boolean } {
  const isOptional = isJsonObject(ref) && ref['optional'] === true;
  return { name: stringAt(ref, 'name'), key: stringAt(ref, 'key'), isOptional };
}
