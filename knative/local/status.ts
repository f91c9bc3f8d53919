import type { ScalerStatus, ServiceScaler } from './scaler/service-scaler.ts';
import type { S3Access } from './storage.ts';

/** One Service in `GET /_local`. */
export interface ServiceStatus extends Omit<ScalerStatus, 'metricsPort'> {
  readonly name: string;
  readonly namespace: string;
  readonly url: string;
  /** The same Service by its host name. */
  readonly host: string;
  readonly revision: string;
  /** Its metrics while it runs, when they have a port of their own. */
  readonly metrics: string | null;
}

/** What `GET /_local` answers: where everything is and how it stands. */
export interface StandInStatus {
  readonly router: string;
  /** `null` until there are events. */
  readonly broker: null;
  readonly s3: S3Access;
  readonly buckets: { readonly data: string; readonly models: string };
  readonly tenant: string;
  readonly services: readonly ServiceStatus[];
}

/** What a status is made from. */
interface StatusSources extends Pick<StandInStatus, 's3' | 'buckets' | 'tenant'> {
  readonly routerPort: number;
  readonly scalers: ReadonlyMap<string, ServiceScaler>;
}

/** The stand-in as it is now. */
export function describeStandIn(sources: StatusSources): StandInStatus {
  const { routerPort, s3, buckets, tenant, scalers } = sources;
  const router = `http://localhost:${routerPort}`;
  return {
    router,
    broker: null,
    s3,
    buckets,
    tenant,
    services: [...scalers.values()].map((scaler) => describeService(scaler, router, routerPort)),
  };
}

function describeService(scaler: ServiceScaler, router: string, port: number): ServiceStatus {
  const { name, namespace, revision } = scaler.service;
  const { metricsPort, ...status } = scaler.status();
  return {
    name,
    namespace,
    url: `${router}/${name}`,
    host: `http://${name}.localhost:${port}`,
    revision,
    ...status,
    metrics: metricsPort === null ? null : `http://127.0.0.1:${metricsPort}/metrics`,
  };
}
