import { environmentSchema, PLACE_SETTINGS } from '../../../functions/runtime/config.ts';
import type { RevisionSpec } from '../manifests/read-services.ts';

/** What a function process must know of this machine. */
export interface ProcessPlace {
  /** Where it listens. */
  readonly port: number;
  /** Where it serves `/metrics`, for a Service that sets METRICS_PORT. */
  readonly metricsPort: number | undefined;
  /** The object store, as this machine reaches it. */
  readonly s3: { readonly endpoint: string; readonly region: string };
  /** Where its events go: the local broker. */
  readonly sink: string | undefined;
  /** The Service `batch`, when there is one. */
  readonly batch: string | undefined;
  /** Folder on this machine for each mountPath. */
  readonly folders: ReadonlyMap<string, string>;
}

/** Variables of our own environment that a process gets too; containers get none. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS'];

/** Settings of functions that our own environment may give, above what the manifests say. */
const OVERRIDABLE = Object.keys(environmentSchema.shape).filter(
  (name) => !PLACE_SETTINGS.some((setting) => setting === name),
);

/** What our own environment sets for every function, whatever the manifests say. */
export function overridesFrom(
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    OVERRIDABLE.flatMap((name) => {
      const value = own[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/**
 * The environment of one function process: the manifest's, our own settings above it, Knative's own, and this
 * machine's places.
 */
export function processEnvironment(
  revision: RevisionSpec,
  place: ProcessPlace,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = own[name];
    if (value !== undefined) env[name] = value;
  }
  for (const [name, value] of Object.entries(revision.env)) {
    env[name] = localPath(value, place.folders);
  }
  return {
    ...env,
    ...overridesFrom(own),
    ...(place.metricsPort === undefined ? {} : { METRICS_PORT: String(place.metricsPort) }),
    ...(place.sink === undefined ? {} : { K_SINK: place.sink }),
    ...(place.batch === undefined ? {} : { BATCH_URL: place.batch }),
    S3_ENDPOINT: place.s3.endpoint,
    AWS_REGION: place.s3.region,
    HOST: '127.0.0.1',
    PORT: String(place.port),
    K_SERVICE: revision.service,
    K_CONFIGURATION: revision.service,
    K_REVISION: revision.name,
  };
}

/** A path below a mountPath becomes the same path below the folder that stands in for the volume. */
function localPath(value: string, folders: ReadonlyMap<string, string>): string {
  const [mountPath, folder] =
    [...folders]
      .filter(([path]) => value === path || value.startsWith(`${path}/`))
      // The innermost mount wins, as in a container.
      .toSorted(([a], [b]) => b.length - a.length)[0] ?? [];
  return mountPath === undefined || folder === undefined
    ? value
    : folder + value.slice(mountPath.length);
}
