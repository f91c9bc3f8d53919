import type { ClusterObject, Kubectl } from '../../../scripts/deploy/kubectl.ts';

/** Where the bench puts its Services; it is deleted at the end. */
export const BENCH_NAMESPACE = 'pilotlight-bench';

/** The least that Knative allows, so that a round need not wait a minute for zero pods. */
const SCALING = {
  'autoscaling.knative.dev/window': '6s',
  'autoscaling.knative.dev/min-scale': '0',
  'autoscaling.knative.dev/max-scale': '1',
};

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly [key: string]: unknown;
  };
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly [key: string]: unknown;
}

/** A Service of one image with the resources of the product's. */
export function serviceOf(name: string, image: string, resources: unknown): ClusterObject {
  return asService(name, {
    spec: {
      containers: [{ image, ports: [{ containerPort: 8080 }], readinessProbe: PROBE, resources }],
    },
  });
}

/** As the product's Services have it: the queue-proxy probes as fast as it can. */
const PROBE = { tcpSocket: { port: 0 }, periodSeconds: 0, successThreshold: 1 };

/**
 * A copy of a deployed Service: the same pods, which read their weights from the store of the namespace that they
 * come from. The Secrets and ConfigMaps must be copied as well: {@link copyWhatItReads}.
 */
export function copyOf(name: string, deployed: ClusterObject): ClusterObject {
  const { template } = deployed['spec'] as { readonly template: Template };
  const { namespace = 'default' } = deployed.metadata;
  const store = { name: 'S3_ENDPOINT', value: `http://minio.${namespace}.svc.cluster.local:9000` };
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: [...(container.env ?? []).filter((entry) => entry.name !== store.name), store],
  }));
  return asService(name, { ...template, spec: { ...template.spec, containers } });
}

/** The resources of a deployed Service's container. */
export function resourcesOf(deployed: ClusterObject): unknown {
  const { template } = deployed['spec'] as { readonly template: Template };
  return template.spec.containers[0]?.['resources'] ?? {};
}

/** Copies the Secrets and ConfigMaps that a Service's pods read into another namespace. */
export async function copyWhatItReads(
  deployed: ClusterObject,
  from: Kubectl,
  to: Kubectl,
): Promise<void> {
  const text = JSON.stringify(deployed['spec']);
  const names = (pattern: RegExp): string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
  ];
  const secrets = [
    ...names(/"secretKeyRef":\{[^}]*"name":"([^"]+)"/g),
    ...names(/"secretName":"([^"]+)"/g),
    ...names(/"secretRef":\{[^}]*"name":"([^"]+)"/g),
  ];
  const maps = [
    ...names(/"configMap":\{[^}]*"name":"([^"]+)"/g),
    ...names(/"configMapKeyRef":\{[^}]*"name":"([^"]+)"/g),
    ...names(/"configMapRef":\{[^}]*"name":"([^"]+)"/g),
  ];
  const objects: ClusterObject[] = [];
  for (const [kind, wanted] of [
    ['secret', secrets],
    ['configmap', maps],
  ] as const) {
    for (const name of wanted) {
      const object = await from.get(kind, name);
      if (object === undefined) continue;
      const { apiVersion, kind: itsKind, data, type } = object;
      objects.push({
        apiVersion,
        kind: itsKind,
        metadata: { name },
        data,
        ...(type === undefined ? {} : { type }),
      });
    }
  }
  if (objects.length > 0) await to.create(objects);
}

function asService(name: string, template: Template): ClusterObject {
  const annotations = { ...template.metadata?.annotations, ...SCALING };
  const { serviceAccountName: _, ...spec } = template.spec;
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, namespace: BENCH_NAMESPACE },
    spec: { template: { metadata: { annotations }, spec } },
  };
}
