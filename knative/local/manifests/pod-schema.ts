import * as z from 'zod';

import { implemented, noEffect, refused } from './effects.ts';
import { LOCAL_SECRETS } from './local-limits.ts';

const dnsLabel = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label');
const quantity = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/, 'must be a Kubernetes quantity'),
]);
const quantities = z.record(z.string(), quantity);
const absolutePath = z
  .string()
  .regex(/^\/([^/]+(\/[^/]+)*)?$/, 'must be an absolute path without / at its end');

/** Set by Knative itself; a manifest that sets them is refused there too. */
const RESERVED_ENV = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'];

const env = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .refine((name) => !RESERVED_ENV.includes(name), 'is set by Knative and may not be given'),
    value: z.string().default(''),
    valueFrom: refused('write the value, or mount a secret as files'),
  })
  .superRefine(({ value }, context) => {
    // Kubernetes puts other variables in place of $(NAME).
    if (/\$\([A-Za-z_]/.test(value)) {
      context.addIssue({
        code: 'custom',
        path: ['value'],
        message: 'references such as $(NAME) are not in the local stand-in',
      });
    }
  });

const probe = z
  .strictObject({
    httpGet: z
      .strictObject({
        path: z.string().startsWith('/').default('/'),
        port: z.union([z.int(), z.string()]).optional(),
        scheme: z.literal('HTTP').optional(),
        host: refused('the probe goes to the process'),
        httpHeaders: refused('the probe sends no extra headers'),
      })
      .optional(),
    tcpSocket: z.strictObject({ port: z.union([z.int(), z.string()]).optional() }).optional(),
    exec: refused('only httpGet and tcpSocket'),
    grpc: refused('only httpGet and tcpSocket'),
    periodSeconds: z.int().nonnegative().optional(),
    timeoutSeconds: z.int().nonnegative().optional(),
    initialDelaySeconds: z.int().nonnegative().optional(),
    successThreshold: z.int().nonnegative().optional(),
    failureThreshold: z.int().nonnegative().optional(),
  })
  .refine(
    (given) =>
      given.periodSeconds !== 0 ||
      (given.failureThreshold === undefined && given.timeoutSeconds === undefined),
    { message: 'Knative refuses failureThreshold and timeoutSeconds beside periodSeconds: 0' },
  );

const securityContext = z.strictObject({
  runAsNonRoot: z.boolean().optional(),
  runAsUser: z.int().nonnegative().optional(),
  runAsGroup: z.int().nonnegative().optional(),
  fsGroup: z.int().nonnegative().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  capabilities: z
    .strictObject({ drop: z.array(z.string()).optional(), add: z.array(z.string()).optional() })
    .optional(),
  seccompProfile: z
    .strictObject({ type: z.enum(['RuntimeDefault', 'Unconfined', 'Localhost']) })
    .optional(),
});

const labelSelector = z.strictObject({ matchLabels: z.record(z.string(), z.string()).optional() });

const container = z.strictObject({
  name: noEffect(dnsLabel.optional(), 'there is one process'),
  image: noEffect(z.string().min(1), 'the code of this clone runs'),
  imagePullPolicy: noEffect(
    z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
    'the code of this clone runs',
  ),
  command: refused('the function is chosen by FUNCTION_TARGET'),
  args: refused('the function is chosen by FUNCTION_TARGET'),
  workingDir: refused('the function is chosen by FUNCTION_TARGET'),
  ports: implemented(
    z
      .array(
        z.strictObject({
          name: z.enum(['http1'], 'only http1: HTTP/2 is not in the local stand-in').optional(),
          containerPort: z.int().min(1).max(65_535),
          protocol: z.literal('TCP').optional(),
        }),
      )
      .max(1)
      .optional(),
    'a free port of 127.0.0.1 stands in for it',
  ),
  env: implemented(
    z.array(env).default([]),
    'as written; S3_ENDPOINT, METRICS_PORT and paths below a mountPath are those of this machine',
  ),
  envFrom: implemented(
    z
      .array(
        z.strictObject({
          configMapRef: z.strictObject({
            name: dnsLabel,
            optional: refused('ConfigMaps exist or the Service is refused'),
          }),
          secretRef: refused('mount a secret as files'),
          prefix: refused('settings have their own names'),
        }),
      )
      .default([]),
    'the ConfigMaps of the same manifests, the last one first; env is above them all',
  ),
  readinessProbe: implemented(
    probe.optional(),
    'asked every 50 ms until it succeeds once; periods and thresholds have no effect',
  ),
  livenessProbe: noEffect(
    probe.optional(),
    'a process that exits is replaced; a hung one is not noticed',
  ),
  startupProbe: refused('only readinessProbe'),
  resources: noEffect(
    z.strictObject({ requests: quantities.optional(), limits: quantities.optional() }).optional(),
    'processes share this machine',
  ),
  securityContext: noEffect(securityContext.optional(), 'processes run as you'),
  volumeMounts: implemented(
    z
      .array(
        z.strictObject({
          name: dnsLabel,
          mountPath: absolutePath,
          readOnly: z.boolean().optional(),
          subPath: refused('mount the whole volume'),
        }),
      )
      .default([]),
    'values of env below a mountPath are rewritten to the folder on this machine',
  ),
});

const volume = z
  .strictObject({
    name: noEffect(dnsLabel, 'ties a mount to its volume'),
    emptyDir: implemented(
      z
        .strictObject({ medium: z.enum(['', 'Memory']).optional(), sizeLimit: quantity.optional() })
        .optional(),
      'a new folder per process, removed with it; medium and sizeLimit have no effect',
    ),
    secret: implemented(
      z
        .strictObject({
          secretName: z.enum(
            Object.values(LOCAL_SECRETS),
            `is not a secret that exists locally: only ${Object.values(LOCAL_SECRETS).join(' and ')} do`,
          ),
          items: refused('mount the whole secret'),
          optional: refused('secrets exist or the Service is refused'),
          defaultMode: refused('files are readable by you only'),
        })
        .optional(),
      'the keys of the local S3 as files access-key-id and secret-access-key',
    ),
    configMap: refused('only emptyDir and secret'),
    projected: refused('only emptyDir and secret'),
    persistentVolumeClaim: refused('only emptyDir and secret'),
  })
  .refine((given) => (given.emptyDir === undefined) !== (given.secret === undefined), {
    message: 'must have either emptyDir or secret',
  });

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

const topologySpreadConstraint = z.strictObject({
  maxSkew: z.int().positive(),
  topologyKey: z.string().min(1),
  whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
  labelSelector: labelSelector.optional(),
});

const ONE_MACHINE = 'there is one machine';

/** `spec.template.spec` of a Knative Service. */
export const revisionSpec = z
  .strictObject({
    containerConcurrency: implemented(
      z.int().min(0).max(1000).default(0),
      'requests that one process gets at once; more wait in the router',
    ),
    timeoutSeconds: implemented(
      z.int().min(1).default(300),
      'longest time to the end of the answer, the start of the process included; also the drain',
    ),
    responseStartTimeoutSeconds: implemented(
      z.int().min(1).optional(),
      'longest time to the first byte of the answer',
    ),
    idleTimeoutSeconds: refused('only timeoutSeconds and responseStartTimeoutSeconds'),
    automountServiceAccountToken: noEffect(
      z.literal(false).optional(),
      'there is no Kubernetes API',
    ),
    enableServiceLinks: noEffect(z.boolean().optional(), 'there are no Kubernetes Services'),
    serviceAccountName: noEffect(dnsLabel.optional(), 'there is no Kubernetes API'),
    imagePullSecrets: noEffect(
      z.array(z.strictObject({ name: dnsLabel })).optional(),
      'the code of this clone runs',
    ),
    nodeSelector: noEffect(z.record(z.string(), z.string()).optional(), ONE_MACHINE),
    tolerations: noEffect(z.array(toleration).optional(), ONE_MACHINE),
    topologySpreadConstraints: noEffect(z.array(topologySpreadConstraint).optional(), ONE_MACHINE),
    runtimeClassName: noEffect(z.string().optional(), ONE_MACHINE),
    priorityClassName: noEffect(z.string().optional(), ONE_MACHINE),
    securityContext: noEffect(securityContext.optional(), 'processes run as you'),
    initContainers: refused('one container per Service'),
    containers: z.array(container).length(1, 'must be exactly one container'),
    volumes: z.array(volume).default([]),
  })
  .refine(
    ({ timeoutSeconds, responseStartTimeoutSeconds }) =>
      (responseStartTimeoutSeconds ?? 0) <= timeoutSeconds,
    { path: ['responseStartTimeoutSeconds'], message: 'must not be above timeoutSeconds' },
  );
