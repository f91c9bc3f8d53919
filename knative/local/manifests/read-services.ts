import type * as z from 'zod';

import { durationMs } from './annotations.ts';
import { fieldEffects, type FieldEffect } from './effects.ts';
import { type Manifest, ManifestError, manifestName, stringAt } from './manifest.ts';
import { knativeService, type KnativeService } from './service-schema.ts';

/** What stands in a volume, and where the function expects it. */
export interface Mount {
  readonly mountPath: string;
  readonly content: { readonly kind: 'empty' } | { readonly kind: 'secret'; readonly name: string };
}

/** How to know that a process can serve. */
export type Readiness = { readonly kind: 'http'; readonly path: string } | { readonly kind: 'tcp' };

/** One Knative Service, reduced to what is done here. */
export interface ServiceSpec {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly readiness: Readiness;
  /** Processes that are kept without requests. */
  readonly minScale: number;
  /** Time without requests after which a process stops. */
  readonly idleMs: number;
  /** Requests forwarded at once; 0 is no limit. */
  readonly containerConcurrency: number;
  /** Longest time to the end of an answer; also how long a process may take to stop. */
  readonly timeoutMs: number;
  /** Longest time to the first byte of an answer. */
  readonly responseStartTimeoutMs: number;
}

/** What was read from one Knative Service: what to run, and what each of its fields does here. */
export interface ServiceReading {
  readonly service: ServiceSpec;
  readonly effects: readonly FieldEffect[];
}

/** Knative's defaults: config-autoscaler `stable-window`, config-defaults `revision-timeout-seconds`. */
const STABLE_WINDOW_MS = 60_000;
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
    readings.push({
      service: serviceSpec(parsed.data),
      effects: fieldEffects(knativeService, manifest.object),
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

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`];
  return issue.keys.map(
    (key) => `${at === '' ? key : `${at}.${key}`}: is not a field that the local stand-in knows`,
  );
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
  if (before.some(({ service }) => service.name === manifest.metadata.name)) {
    faults.push('metadata.name: another Service has this name, in another namespace');
  }
  return faults;
}

function serviceSpec(manifest: KnativeService): ServiceSpec {
  const { metadata, spec } = manifest.spec.template;
  const { annotations } = metadata;
  const [container] = spec.containers;
  const ms = (name: keyof typeof annotations, otherwise: number): number =>
    durationMs(annotations[name] ?? '') ?? otherwise;
  const httpGet = container?.readinessProbe?.httpGet;
  return {
    name: manifest.metadata.name,
    namespace: manifest.metadata.namespace,
    revision: metadata.name ?? `${manifest.metadata.name}-00001`,
    env: Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value])),
    mounts: (container?.volumeMounts ?? []).map(({ name, mountPath }) => {
      const secret = spec.volumes.find((volume) => volume.name === name)?.secret;
      return {
        mountPath,
        content: secret ? { kind: 'secret', name: secret.secretName } : { kind: 'empty' },
      };
    }),
    readiness: httpGet ? { kind: 'http', path: httpGet.path } : { kind: 'tcp' },
    minScale: Number(annotations['autoscaling.knative.dev/min-scale'] ?? '0'),
    // The average over the window is zero one window after the last request; the other two come on top.
    idleMs:
      ms('autoscaling.knative.dev/window', STABLE_WINDOW_MS) +
      ms('autoscaling.knative.dev/scale-down-delay', 0) +
      ms('autoscaling.knative.dev/scale-to-zero-pod-retention-period', 0),
    containerConcurrency: spec.containerConcurrency,
    timeoutMs: spec.timeoutSeconds * 1000,
    // Knative's default: pkg/apis/serving/v1/revision_defaults.go
    responseStartTimeoutMs:
      (spec.responseStartTimeoutSeconds ??
        Math.min(spec.timeoutSeconds, REVISION_TIMEOUT_SECONDS)) * 1000,
  };
}
