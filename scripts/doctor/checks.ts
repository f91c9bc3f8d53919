import type { Check } from './check.ts';

/** Verifying a large model, or hashing it from a slow store, may take its time. */
const MODEL_LIMIT_MS = 120_000;
/** A few calls of kubectl, one after the other. */
const CLUSTER_LIMIT_MS = 20_000;

/** Everything that the doctor looks at. Imports are inside: where packages are missing, the rest still runs. */
export const CHECKS: readonly Check[] = [
  {
    group: 'machine',
    name: 'Node',
    run: async (context) => (await import('./machine/node.ts')).checkNode(context),
  },
  {
    group: 'machine',
    name: 'packages',
    run: async (context) => (await import('./machine/packages.ts')).checkPackages(context),
  },
  {
    group: 'machine',
    name: 'ports',
    run: async (context) => (await import('./machine/ports.ts')).checkPorts(context),
  },
  {
    group: 'machine',
    name: 'data folder',
    run: async (context) => (await import('./machine/data-folder.ts')).checkDataFolder(context),
  },
  {
    group: 'machine',
    name: 'Python',
    run: async (context) => (await import('./machine/python.ts')).checkPython(context),
  },
  {
    group: 'machine',
    name: 'image builder',
    run: async (context) => (await import('./machine/image-builder.ts')).checkImageBuilder(context),
  },
  {
    group: 'storage',
    name: 'MinIO binary',
    run: async (context) => (await import('./storage/minio.ts')).checkMinio(context),
  },
  {
    group: 'storage',
    name: 'object store',
    limitMs: 30_000,
    run: async (context) => (await import('./storage/object-store.ts')).checkObjectStore(context),
  },
  {
    group: 'models',
    name: 'packages here',
    limitMs: MODEL_LIMIT_MS,
    run: async (context) => (await import('./models/packages.ts')).checkPackagesHere(context),
  },
  {
    group: 'models',
    name: 'published',
    limitMs: MODEL_LIMIT_MS,
    run: async (context) => (await import('./models/published.ts')).checkPublished(context),
  },
  {
    group: 'models',
    name: 'npm start',
    limitMs: MODEL_LIMIT_MS,
    run: async (context) => (await import('./models/in-stand-in.ts')).checkModelsInStandIn(context),
  },
  {
    group: 'models',
    name: 'in the cluster',
    limitMs: MODEL_LIMIT_MS,
    run: async (context) => (await import('./models/in-cluster.ts')).checkModelsInCluster(context),
  },
  {
    group: 'manifests',
    name: 'patches',
    run: async (context) => (await import('./manifests/files.ts')).checkManifestFiles(context),
  },
  {
    group: 'manifests',
    name: 'overlays',
    run: async (context) => (await import('./manifests/overlays.ts')).checkOverlays(context),
  },
  {
    group: 'cluster',
    name: 'API',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/access.ts')).checkAccess(context),
  },
  {
    group: 'cluster',
    name: 'rights',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/rights.ts')).checkRights(context),
  },
  {
    group: 'cluster',
    name: 'Serving',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/knative.ts')).checkServing(context),
  },
  {
    group: 'cluster',
    name: 'Eventing',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/knative.ts')).checkEventing(context),
  },
  {
    group: 'cluster',
    name: 'feature flags',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/features.ts')).checkFeatures(context),
  },
  {
    group: 'cluster',
    name: 'network',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/network.ts')).checkNetwork(context),
  },
  {
    group: 'cluster',
    name: 'broker',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/broker.ts')).checkBrokerClass(context),
  },
  {
    group: 'cluster',
    name: 'dry run',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/dry-run.ts')).checkDryRun(context),
  },
  {
    group: 'cluster',
    name: 'Secrets',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/secrets.ts')).checkSecrets(context),
  },
  {
    group: 'cluster',
    name: 'Services',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/services.ts')).checkServices(context),
  },
  {
    group: 'cluster',
    name: 'registry',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/registry.ts')).checkRegistry(context),
  },
  {
    group: 'cluster',
    name: 'gateway',
    limitMs: CLUSTER_LIMIT_MS,
    run: async (context) => (await import('./cluster/gateway.ts')).checkGateway(context),
  },
];
