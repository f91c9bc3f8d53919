import { objectAt, objectsAt, stringAt } from '../../../../knative/local/manifests/manifest.ts';
import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

/** queue-proxy’s own: https://github.com/knative/serving pkg/networking/constants.go */
const RESERVED_PORTS = [8008, 8012, 8013, 8022, 9090, 9091];
const RESERVED_ENV = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'];
/** What Knative’s field mask leaves out: pkg/apis/serving/fieldmask.go */
const POD_FIELDS = [
  'terminationGracePeriodSeconds',
  'activeDeadlineSeconds',
  'restartPolicy',
  'nodeName',
];
const CONTAINER_FIELDS = ['lifecycle', 'stdin', 'stdinOnce', 'tty', 'volumeDevices'];

/** Traps in the pods of a Service. */
export function containerTraps(service: RenderedService): Line[] {
  return [...fields(service), ...ports(service), ...variables(service), ...mounts(service)];
}

function fields({ where, spec, containers }: RenderedService): Line[] {
  const inPod = POD_FIELDS.filter((name) => spec[name] !== undefined);
  const inContainers = containers.flatMap((container) =>
    CONTAINER_FIELDS.filter((name) => container[name] !== undefined),
  );
  return [...inPod, ...inContainers].map((name) => found('FIELD_NOT_ALLOWED', `${where}: ${name}`));
}

function ports({ where, containers, env }: RenderedService): Line[] {
  const numbers = containers.flatMap((container) =>
    objectsAt(container, 'ports').map((port) => Number(port['containerPort'])),
  );
  const lines = [...numbers, Number(env.get('METRICS_PORT') ?? 0)]
    .filter((port) => RESERVED_PORTS.includes(port))
    .map((port) => found('PORT_RESERVED', `${where}: ${port}`));
  return numbers.length > 1
    ? [...lines, found('PORTS_SEVERAL', `${where}: ${numbers.join(', ')}`)]
    : lines;
}

function variables({ where, env }: RenderedService): Line[] {
  const lines = RESERVED_ENV.filter((name) => env.has(name)).map((name) =>
    found('ENV_RESERVED', `${where}: ${name}`),
  );
  return env.has('FUNCTION_TARGET') && !env.has('METRICS_PORT')
    ? [...lines, found('METRICS_PORT_MISSING', where)]
    : lines;
}

function mounts({ where, spec, containers }: RenderedService): Line[] {
  const readOnlyKinds = objectsAt(spec, 'volumes')
    .filter((volume) => volume['secret'] !== undefined || volume['configMap'] !== undefined)
    .map((volume) => stringAt(volume, 'name'));
  return containers
    .flatMap((container) => objectsAt(container, 'volumeMounts'))
    .filter(
      (mount) => readOnlyKinds.includes(stringAt(mount, 'name')) && mount['readOnly'] !== true,
    )
    .map((mount) => found('MOUNT_WRITABLE', `${where}: ${stringAt(mount, 'mountPath')}`));
}

/** Annotations and labels, of the Service and of its template, that are not text. */
export function textTraps({ where, metadata, templateMetadata }: RenderedService): Line[] {
  return [metadata, templateMetadata].flatMap((each) =>
    ['annotations', 'labels'].flatMap((kind) =>
      Object.entries(objectAt(each, kind))
        .filter(([, value]) => typeof value !== 'string')
        .map(([key, value]) =>
          found('ANNOTATION_NOT_TEXT', `${where}: ${key}: ${JSON.stringify(value)}`),
        ),
    ),
  );
}
