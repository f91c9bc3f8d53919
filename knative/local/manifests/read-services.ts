import { containerSettings, type ContainerSettings } from './container-settings.ts';
import { describeIssue } from './describe-issue.ts';
import { fieldEffects, type FieldEffect } from './effects.ts';
import {
  type Manifest,
  ManifestError,
  manifestName,
  objectAt,
  objectsAt,
  stringAt,
} from './manifest.ts';
import { scaleSettings, type ScaleSettings } from './scale-settings.ts';
import { knativeService, type KnativeService } from './service-schema.ts';

/** What stands in a volume, and where the function expects it. */
export interface Mount {
  readonly mountPath: string;
  readonly content: { readonly kind: 'empty' } | { readonly kind: 'secret'; readonly name: string };
}

/** How to know that a process can serve. */
export type Readiness = { readonly kind: 'http'; readonly path: string } | { readonly kind: 'tcp' };

/** What a Service runs, reduced to what is done here: its template. */
export interface RevisionTemplate {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly readiness: Readiness;
  readonly scale: ScaleSettings;
  /** Requests that one process gets at once; 0 is no limit. */
  readonly containerConcurrency: number;
  /** Longest time to the end of an answer; also how long a process may take to stop. */
  readonly timeoutMs: number;
  /** Longest time to the first byte of an answer. */
  readonly responseStartTimeoutMs: number;
}

/** One revision of a Service. */
export interface RevisionSpec extends RevisionTemplate {
  readonly service: string;
  readonly namespace: string;
  /** `K_REVISION`. */
  readonly name: string;
}

/** One Knative Service. */
export interface ServiceSpec {
  readonly name: string;
  readonly namespace: string;
  /** The name that the template gives its revision; without one there is a number. */
  readonly revisionName: string | undefined;
  readonly template: RevisionTemplate;
  readonly traffic: readonly TrafficTarget[];
}

/** A share of a Service's requests, and a name by which it can be asked for. */
export interface TrafficTarget {
  /** `undefined` is the latest revision that was ready. */
  readonly revisionName: string | undefined;
  readonly percent: number;
  readonly tag: string | undefined;
}

/** What was read from one Knative Service: what to run, and what each of its fields does here. */
export interface ServiceReading {
  readonly service: ServiceSpec;
  readonly effects: readonly FieldEffect[];
  /** Its variables, and the file that each comes from. */
  readonly settings: ContainerSettings['settings'];
}

/** Knative's default: config-defaults `revision-timeout-seconds`. */
const REVISION_TIMEOUT_SECONDS = 300;

/**
 * Reads the Knative Services among `manifests`; objects of other kinds are the cluster's business.
 * @throws {ManifestError} With every fault of every Service: file, object, path and rule.
 */
export function readServices(manifests: readonly Manifest[]): ServiceReading[] {
  const faults: string[] = [];
  const readings: ServiceReading[] = [];
  for (const manifest of manifests) {
    if (!isKnativeService(manifest)) continue;
    const parsed = knativeService.safeParse(manifest.object);
    const own = parsed.success
      ? serviceFaults(parsed.data, readings)
      : parsed.error.issues.flatMap(describeIssue);
    faults.push(...own.map((fault) => `${manifest.file}: ${manifestName(manifest)}: ${fault}`));
    if (!parsed.success || own.length > 0) continue;
    const { settings, faults: inMaps } = settingsOf(manifest, manifests);
    faults.push(...inMaps);
    readings.push({
      service: serviceSpec(parsed.data, settings),
      effects: fieldEffects(knativeService, manifest.object),
      settings,
    });
  }
  if (faults.length > 0) throw new ManifestError(faults);
  return readings;
}

function isKnativeService({ object }: Manifest): boolean {
  return (
    stringAt(object, 'kind') === 'Service' &&
    stringAt(object, 'apiVersion').startsWith('serving.knative.dev/')
  );
}

/** The variables of the one container that the schema has found. */
function settingsOf(manifest: Manifest, manifests: readonly Manifest[]): ContainerSettings {
  const template = objectAt(objectAt(manifest.object, 'spec'), 'template');
  const [container] = objectsAt(objectAt(template, 'spec'), 'containers');
  return containerSettings(container ?? {}, manifest, manifests);
}

/** Rules that look at more than one field. */
function serviceFaults(manifest: KnativeService, before: readonly ServiceReading[]): string[] {
  const faults: string[] = [];
  const { containers, volumes } = manifest.spec.template.spec;
  for (const { name } of containers[0]?.volumeMounts ?? []) {
    if (!volumes.some((volume) => volume.name === name)) {
      faults.push(`spec.template.spec.containers.0.volumeMounts: there is no volume ${name}`);
    }
  }
  const port = containers[0]?.readinessProbe?.httpGet?.port;
  const served = containers[0]?.ports?.[0];
  if (port !== undefined && port !== served?.containerPort && port !== served?.name) {
    faults.push(
      'spec.template.spec.containers.0.readinessProbe.httpGet.port: only the serving port can be probed',
    );
  }
  const revision = manifest.spec.template.metadata.name;
  if (revision !== undefined && !revision.startsWith(`${manifest.metadata.name}-`)) {
    faults.push(`spec.template.metadata.name: must begin with ${manifest.metadata.name}-`);
  }
  if (before.some(({ service }) => service.name === manifest.metadata.name)) {
    faults.push('metadata.name: another Service has this name, in another namespace');
  }
  return faults;
}

function serviceSpec(
  manifest: KnativeService,
  settings: ContainerSettings['settings'],
): ServiceSpec {
  const { metadata, spec } = manifest.spec.template;
  const [container] = spec.containers;
  const httpGet = container?.readinessProbe?.httpGet;
  return {
    name: manifest.metadata.name,
    namespace: manifest.metadata.namespace,
    revisionName: metadata.name,
    traffic: (manifest.spec.traffic ?? [{ percent: 100 }]).map(
      ({ revisionName, percent = 0, tag }) => ({ revisionName, percent, tag }),
    ),
    template: {
      env: Object.fromEntries([...settings].map(([name, { value }]) => [name, value])),
      mounts: (container?.volumeMounts ?? []).map(({ name, mountPath }) => {
        const secret = spec.volumes.find((volume) => volume.name === name)?.secret;
        return {
          mountPath,
          content: secret ? { kind: 'secret', name: secret.secretName } : { kind: 'empty' },
        };
      }),
      readiness: httpGet ? { kind: 'http', path: httpGet.path } : { kind: 'tcp' },
      scale: scaleSettings(metadata.annotations, spec.containerConcurrency),
      containerConcurrency: spec.containerConcurrency,
      timeoutMs: spec.timeoutSeconds * 1000,
      // Knative's default: pkg/apis/serving/v1/revision_defaults.go
      responseStartTimeoutMs:
        (spec.responseStartTimeoutSeconds ??
          Math.min(spec.timeoutSeconds, REVISION_TIMEOUT_SECONDS)) * 1000,
    },
  };
}
