import {
  type JsonObject,
  isJsonObject,
  objectAt,
  objectsAt,
} from '../../../knative/local/manifests/manifest.ts';
import type { RenderedService } from '../manifests/read-overlays.ts';

/** A flag of config-features, and the field that needs it. */
export interface NeededFlag {
  readonly flag: string;
  readonly field: string;
  /** What Knative takes when the flag is not set. */
  readonly byDefault: 'enabled' | 'disabled';
}

/** Fields of a pod and their flags: config/core/configmaps/features.yaml of Knative Serving. */
const POD_FLAGS: Readonly<Record<string, string>> = {
  affinity: 'podspec-affinity',
  topologySpreadConstraints: 'podspec-topologyspreadconstraints',
  hostAliases: 'podspec-hostaliases',
  nodeSelector: 'podspec-nodeselector',
  tolerations: 'podspec-tolerations',
  runtimeClassName: 'podspec-runtimeclassname',
  dnsPolicy: 'podspec-dnspolicy',
  dnsConfig: 'podspec-dnsconfig',
  securityContext: 'podspec-securitycontext',
  shareProcessNamespace: 'podspec-shareprocessnamespace',
  hostIPC: 'podspec-hostipc',
  hostPID: 'podspec-hostpid',
  hostNetwork: 'podspec-hostnetwork',
  priorityClassName: 'podspec-priorityclassname',
  schedulerName: 'podspec-schedulername',
  initContainers: 'podspec-init-containers',
};
const VOLUME_FLAGS: Readonly<Record<string, string>> = {
  emptyDir: 'podspec-volumes-emptydir',
  hostPath: 'podspec-volumes-hostpath',
  csi: 'podspec-volumes-csi',
  image: 'podspec-volumes-image',
  persistentVolumeClaim: 'podspec-persistent-volume-claim',
};

/** Every flag that the Service needs, each once. */
export function neededFlags({ spec, containers }: RenderedService): NeededFlag[] {
  const pod = Object.keys(POD_FLAGS)
    .filter((field) => spec[field] !== undefined)
    .map((field) => kubernetesFlag(POD_FLAGS[field] ?? '', field));
  const volumes = objectsAt(spec, 'volumes').flatMap((volume) =>
    Object.keys(VOLUME_FLAGS)
      .filter((kind) => volume[kind] !== undefined)
      .map((kind) => kubernetesFlag(VOLUME_FLAGS[kind] ?? '', `volumes[].${kind}`)),
  );
  const several: NeededFlag[] =
    containers.length > 1
      ? [{ flag: 'multi-container', field: 'containers', byDefault: 'enabled' }]
      : [];
  const all = [...pod, ...volumes, ...containers.flatMap(containerFlags), ...several];
  return [...new Map(all.map((needed) => [needed.flag, needed])).values()];
}

/** Whether traffic tags are in use, which `tag-header-based-routing` lets clients choose by a header. */
export function usesTags({ object }: RenderedService): boolean {
  return objectsAt(objectAt(object, 'spec'), 'traffic').some(({ tag }) => tag !== undefined);
}

function containerFlags(container: JsonObject): NeededFlag[] {
  const usesFieldRef = objectsAt(container, 'env').some(({ valueFrom }) =>
    ['fieldRef', 'resourceFieldRef'].some((kind) => isJsonObject(valueFrom) && kind in valueFrom),
  );
  const { add } = objectAt(objectAt(container, 'securityContext'), 'capabilities');
  const adds = Array.isArray(add) && add.some((name) => name !== 'NET_BIND_SERVICE');
  return [
    ...(usesFieldRef ? [kubernetesFlag('podspec-fieldref', 'env[].valueFrom')] : []),
    ...(adds ? [kubernetesFlag('containerspec-addcapabilities', 'capabilities.add')] : []),
  ];
}

function kubernetesFlag(name: string, field: string): NeededFlag {
  const byDefault = name === VOLUME_FLAGS['emptyDir'] ? 'enabled' : 'disabled';
  return { flag: `kubernetes.${name}`, field, byDefault };
}
