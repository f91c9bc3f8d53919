import type { BrokerStatus } from './broker/local-eventing.ts';
import type { ScalerState, ScalerStatus } from './scaler/revision-scaler.ts';
import type { S3Access } from './storage.ts';
import type { LocalService, RevisionStatus } from './traffic/local-service.ts';

/** One revision in `GET /_local`. */
export interface ShownRevision extends Omit<RevisionStatus, 'metricsPorts'> {
  /** The metrics of each of its processes, when they have ports of their own. */
  readonly metrics: readonly string[];
  /** Where it can be asked for by its tags. */
  readonly urls: readonly string[];
}

/** One Service in `GET /_local`: its latest revision, all its processes, and each revision. */
export interface ServiceStatus extends Pick<ScalerStatus, 'pids' | 'ready' | 'requests'> {
  readonly name: string;
  readonly namespace: string;
  readonly url: string;
  /** The same Service by its host name. */
  readonly host: string;
  readonly revision: string;
  readonly state: ScalerState;
  /** Why the last start failed. */
  readonly failure: string | null;
  /** The metrics of one of its processes, when there is one and they have a port of their own. */
  readonly metrics: string | null;
  readonly revisions: readonly ShownRevision[];
}

/** What `GET /_local` answers: where everything is and how it stands. */
export interface StandInStatus {
  readonly router: string;
  /** Where events are taken; `null` when the manifests have no Broker. */
  readonly broker: string | null;
  /** Every Broker with the queues of its Triggers. */
  readonly brokers: readonly BrokerStatus[];
  readonly s3: S3Access;
  readonly buckets: { readonly data: string; readonly models: string };
  readonly tenant: string;
  readonly services: readonly ServiceStatus[];
}

/** What a status is made from. */
interface StatusSources extends Pick<StandInStatus, 'brokers' | 's3' | 'buckets' | 'tenant'> {
  readonly routerPort: number;
  readonly services: ReadonlyMap<string, LocalService>;
}

/** The state of a Service is the best one of its revisions. */
const STATES = ['ready', 'starting', 'draining', 'zero'] as const satisfies readonly ScalerState[];

/** The stand-in as it is now. */
export function describeStandIn(sources: StatusSources): StandInStatus {
  const { routerPort, brokers, s3, buckets, tenant, services } = sources;
  const router = `http://localhost:${routerPort}`;
  return {
    router,
    broker: brokers[0]?.url ?? null,
    brokers,
    s3,
    buckets,
    tenant,
    services: [...services.values()].map((service) => describeService(service, router, routerPort)),
  };
}

function describeService(service: LocalService, router: string, port: number): ServiceStatus {
  const { name, namespace, latest } = service;
  const revisions = service.status().map(({ metricsPorts, ...status }) => ({
    ...status,
    metrics: metricsPorts.map((metricsPort) => `http://127.0.0.1:${metricsPort}/metrics`),
    urls: status.tags.map((tag) => `${router}/${tag}-${name}`),
  }));
  const sum = (pick: (revision: ShownRevision) => number): number =>
    revisions.reduce((total, revision) => total + pick(revision), 0);
  return {
    name,
    namespace,
    url: `${router}/${name}`,
    host: `http://${name}.localhost:${port}`,
    revision: latest.name,
    state: STATES.find((state) => revisions.some((one) => one.state === state)) ?? 'zero',
    pids: revisions.flatMap(({ pids }) => pids),
    ready: revisions.some(({ ready }) => ready),
    requests: {
      active: sum(({ requests }) => requests.active),
      held: sum(({ requests }) => requests.held),
    },
    failure: revisions.find(({ failure }) => failure !== null)?.failure ?? null,
    metrics: revisions.flatMap(({ metrics }) => metrics)[0] ?? null,
    revisions,
  };
}
