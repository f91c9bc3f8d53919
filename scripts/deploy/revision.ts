import { createHash } from 'node:crypto';

import * as z from 'zod';

const template = z.looseObject({
  metadata: z.looseObject({ name: z.string().optional() }).optional(),
  spec: z.looseObject({
    containers: z
      .array(
        z.looseObject({
          env: z
            .array(z.looseObject({ name: z.string(), value: z.string().optional() }))
            .default([]),
          envFrom: z
            .array(z.looseObject({ configMapRef: z.looseObject({ name: z.string() }).optional() }))
            .default([]),
        }),
      )
      .min(1),
  }),
});

/** A Knative Service, as far as naming its revision needs it. */
export const knativeService = z.looseObject({
  apiVersion: z.literal('serving.knative.dev/v1'),
  kind: z.literal('Service'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ template }),
});

/** A rendered Knative Service. */
export type KnativeService = z.infer<typeof knativeService>;

/**
 * The name of the revision that this Service makes: `<service>-<model version>-<8 hex digits of the
 * template>`. The same template has the same name, so applying it again changes nothing.
 */
export function revisionName(service: KnativeService): string {
  const { metadata, ...rest } = service.spec.template;
  const { name: _earlier, ...unnamed } = metadata ?? {};
  const text = JSON.stringify(sorted({ ...rest, metadata: unnamed }));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${service.metadata.name}-${modelVersion(service)}-${hash}`;
}

/** As Kubernetes has it for names that become labels and host names. */
const MAX_NAME_LENGTH = 63;

/**
 * The Service with its revision named.
 * @throws {Error} When the Service's name is too long, or ends so that no host can be called that.
 */
export function withRevisionName(service: KnativeService): KnativeService {
  const { template: old } = service.spec;
  const name = revisionName(service);
  const { name: own } = service.metadata;
  if (name.length > MAX_NAME_LENGTH) {
    throw new Error(
      `The Service "${own}" cannot be deployed: its revision would be called ${name}, and Kubernetes allows ` +
        `${MAX_NAME_LENGTH} characters: give it a name of at most ${MAX_NAME_LENGTH - name.length + own.length}`,
    );
  }
  if (own.endsWith('-')) {
    throw new Error(`The Service "${own}" cannot be deployed: no host name ends with "-"`);
  }
  const metadata = { ...old.metadata, name };
  return { ...service, spec: { ...service.spec, template: { ...old, metadata } } };
}

/** The function that a Service runs. Empty when it says none. */
export function targetOf(service: KnativeService): string {
  return valueOf(service, 'FUNCTION_TARGET');
}

/** The model in `MODEL_URI`, `s3://models/_shared/<name>/<version>`. Empty when it names none. */
export function modelOf(service: KnativeService): string {
  return /\/([^/]+)\/\d+$/.exec(valueOf(service, 'MODEL_URI'))?.[1] ?? '';
}

/** The version at the end of `MODEL_URI`; 0 for a Service without a model. */
function modelVersion(service: KnativeService): string {
  return /\/(\d+)$/.exec(valueOf(service, 'MODEL_URI'))?.[1] ?? '0';
}

function valueOf(service: KnativeService, variable: string): string {
  const env = service.spec.template.spec.containers.flatMap((container) => container.env);
  return env.find(({ name }) => name === variable)?.value ?? '';
}

/** The same value with the keys of every object in order: YAML says nothing about theirs. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
