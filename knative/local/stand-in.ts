import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { RETENTION } from '../../events/jobs/lifecycle.ts';
import { expireObjects } from '../../functions/runtime/object-store/expire-objects.ts';
import { LocalEventing } from './broker/local-eventing.ts';
import { BucketWebhooks, uploadsWebhook, type BucketWebhook } from './bucket-webhooks.ts';
import type { EventingSpec } from './manifests/eventing-spec.ts';
import { LOCAL_SECRETS } from './manifests/local-limits.ts';
import type { RevisionSpec, ServiceSpec } from './manifests/read-services.ts';
import type { LineSink } from './process/function-process.ts';
import { launchProcess, type FunctionRuntime, type LaunchContext } from './process/launch.ts';
import { startWatchdog } from './process/watchdog.ts';
import { createRouter } from './router/create-router.ts';
import { createRunFolder } from './run-folder.ts';
import { startS3Server, type S3Server } from './s3/server.ts';
import { RevisionScaler } from './scaler/revision-scaler.ts';
import { describeStandIn, type StandInStatus } from './status.ts';
import { createBuckets, loadOrCreateKeys, type S3Access, storeSettings } from './storage.ts';
import { toDataInUse, toPortTaken } from './start-errors.ts';
import { LocalService } from './traffic/local-service.ts';
import { RevisionStore } from './traffic/revision-store.ts';
import { updateServices, type ServiceChange } from './traffic/update-services.ts';

/** What to stand in for, where, and with what. */
export interface StandInOptions {
  readonly services: readonly ServiceSpec[];
  /** Brokers, Triggers, PingSources. @default none */
  readonly eventing?: EventingSpec;
  /** Where objects and keys are kept between runs. */
  readonly dataDir: string;
  /** Port of the router; 0 takes a free one. */
  readonly port: number;
  /** The port of the local S3 (0: a free one), or another object store to use in its place. */
  readonly s3: { readonly port: number } | S3Access;
  readonly runtime: FunctionRuntime;
  /** Services that hear of objects of the local S3. @default that of {@link uploadsWebhook} */
  readonly webhooks?: readonly BucketWebhook[];
  /** Bearer token of those, for another store that tells of objects too. @default a new one */
  readonly uploadsToken?: string | undefined;
  /** Called once the store answers and has its buckets; requests wait for it. */
  readonly prepare: (s3: S3Access) => Promise<void>;
  /** Our own environment; processes get a little of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets each line of each process, with the name of its Service. */
  readonly onLine: (service: string, ...line: Parameters<LineSink>) => void;
}

/** A running stand-in. */
export interface StandIn {
  readonly status: () => StandInStatus;
  readonly s3: S3Access;
  /**
   * Takes over what the manifests say now; `newCode` names the Services whose program changed. What serves
   * goes on until its successor is ready, and for good when `signal` is aborted before.
   */
  readonly update: (
    specs: readonly ServiceSpec[],
    newCode: ReadonlySet<string>,
    signal?: AbortSignal,
  ) => Promise<ServiceChange[]>;
  /** Takes over the Brokers, Triggers and PingSources that the manifests have now. */
  readonly updateEventing: (spec: EventingSpec) => Promise<void>;
  /** Finishes the requests in flight, stops all processes, then the store. */
  close(): Promise<void>;
  /** SIGKILL for all processes and an end to all connections, now. */
  kill(): void;
}

/** The one tenant here, and its buckets. */
const TENANT = 'dev';
const BUCKETS = { data: `data-${TENANT}`, models: 'models' };

/**
 * Stands in for the cluster on this machine: a store, a router, and for each Service processes on demand.
 * Resolves once it can serve.
 * @throws {PortTakenError} When one of the ports is not free.
 * @throws {DataInUseError} When another stand-in uses the data folder.
 */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  await using opened = new AsyncDisposableStack();
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const runDir = await createRunFolder(options.dataDir);
  opened.defer(() => rm(runDir, { recursive: true, force: true }));
  const webhooks = new BucketWebhooks(
    options.webhooks ?? [uploadsWebhook(BUCKETS.data)],
    options.uploadsToken,
  );
  const { s3, server: s3Server } = await openS3(options, webhooks, opened);
  const watchdog = startWatchdog();
  opened.defer(() => watchdog.close());

  const keys = { 'access-key-id': s3.accessKeyId, 'secret-access-key': s3.secretAccessKey };
  const context: LaunchContext = {
    runtime: options.runtime,
    runDir,
    s3,
    secrets: new Map([
      [LOCAL_SECRETS.models, keys],
      [LOCAL_SECRETS.data, keys],
      ...webhooks.secrets,
    ]),
    watchdog,
    environment: options.environment,
    sinkOf: (namespace) => eventing.brokerUrl(namespace),
    batchUrl: () => (services.has('batch') ? `${routerUrl}/batch` : undefined),
  };
  const prepared = Promise.withResolvers<void>();
  prepared.promise.catch(() => undefined);
  const createScaler = (revision: RevisionSpec): RevisionScaler => {
    const onLine: LineSink = (...line) => options.onLine(revision.service, ...line);
    const launch = async (): ReturnType<typeof launchProcess> => {
      await prepared.promise;
      return launchProcess(revision, context, onLine);
    };
    options.runtime.adopt?.(revision);
    const log = (line: string): void => onLine('stderr', `[local] ${revision.name}: ${line}`);
    return new RevisionScaler(revision, launch, log);
  };
  const revisions = await RevisionStore.open(options.dataDir);
  opened.defer(() => revisions.close());
  const create = (spec: ServiceSpec): LocalService =>
    new LocalService(spec, {
      known: revisions.of(spec.name),
      createScaler,
      onRevision: (known) => revisions.remember(spec.name, known),
      random: Math.random,
    });
  const services = new Map(options.services.map((spec) => [spec.name, create(spec)]));
  opened.defer(async () => {
    await Promise.all([...services.values()].map((service) => service.close()));
  });

  // The port is taken before the models are published, so that a taken one is said at once.
  const router = await createRouter({
    port: options.port,
    services,
    status: () => status(),
  }).catch(toPortTaken('PORT', options.port));
  opened.defer(() => router.drain());
  const routerUrl = `http://127.0.0.1:${router.port}`;
  webhooks.connect(routerUrl);
  const eventing = await LocalEventing.open({
    dir: join(options.dataDir, 'broker'),
    router: routerUrl,
    spec: options.eventing,
    log: (line) => options.onLine('broker', 'stderr', `[local] ${line}`),
  }).catch(toDataInUse(options.dataDir));
  opened.use(eventing);
  const applyWebhooks = async (): Promise<void> => {
    if (s3Server !== undefined) await webhooks.apply(s3Server, (name) => services.has(name));
  };
  const status = (): StandInStatus =>
    describeStandIn({
      routerPort: router.port,
      brokers: eventing.status(),
      s3,
      buckets: BUCKETS,
      tenant: TENANT,
      services,
    });

  try {
    await createBuckets(s3, Object.values(BUCKETS));
    // Rules of somebody else's store are not ours to change.
    if (s3Server !== undefined) await expireObjects(storeSettings(s3), BUCKETS.data, RETENTION);
    await applyWebhooks();
    await options.prepare(s3);
    prepared.resolve();
  } catch (cause) {
    prepared.reject(cause);
    throw cause;
  }
  for (const service of services.values()) service.open();
  if (options.eventing !== undefined) await eventing.apply(options.eventing);

  const resources = opened.move();
  return {
    status,
    s3,
    async update(specs, newCode, signal) {
      const changes = await updateServices(services, { specs, newCode, create, signal });
      await applyWebhooks();
      return changes;
    },
    updateEventing: (spec) => eventing.apply(spec),
    close: () => resources.disposeAsync(),
    kill() {
      for (const service of services.values()) service.kill();
      router.kill();
    },
  };
}

/** The local S3, or the store that stands in its place. */
async function openS3(
  options: StandInOptions,
  { targets }: BucketWebhooks,
  opened: AsyncDisposableStack,
): Promise<{ readonly s3: S3Access; readonly server?: S3Server }> {
  if ('endpoint' in options.s3) return { s3: options.s3 };
  const keys = await loadOrCreateKeys(options.dataDir);
  const region = 'us-east-1';
  const { dataDir, s3: local } = options;
  const server = await startS3Server({
    dataDir: join(dataDir, 's3'),
    ...local,
    ...keys,
    region,
    webhooks: targets,
  })
    .catch(toPortTaken('S3_PORT', local.port))
    .catch(toDataInUse(dataDir));
  opened.defer(() => server.close());
  return { s3: { endpoint: server.endpoint, ...keys, region }, server };
}
