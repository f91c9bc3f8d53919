import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

import { CATALOGUE, FUNCTIONS } from '../../../functions/catalogue.ts';
import { environmentSchema, FILE_SETTINGS } from '../../../functions/runtime/config.ts';
import { readServices } from '../../../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../../../knative/local/manifests/render-overlay.ts';
import { modelManifest } from '../../../models/loader/package-schema.ts';

const root = join(import.meta.dirname, '../../..');
const overlays = globSync('knative/overlays/*/kustomization.yaml', { cwd: root }).map((path) =>
  join(root, path, '..'),
);
/** What every container must be confined by, no less. */
const confined = z.strictObject({
  runAsNonRoot: z.literal(true),
  runAsUser: z.literal(65_532),
  allowPrivilegeEscalation: z.literal(false),
  readOnlyRootFilesystem: z.literal(true),
  capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
});
const quantities = z.looseObject({ cpu: z.string(), memory: z.string() });
const bounded = z.strictObject({ requests: quantities, limits: quantities });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  resources: z.unknown(),
  securityContext: z.unknown(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const podSpec = z.looseObject({
  containers: z.array(container).min(1),
  volumes: z.array(z.looseObject({ name: z.string() })),
});
const functionSpec = podSpec.extend({
  timeoutSeconds: z.number(),
  responseStartTimeoutSeconds: z.number(),
});
const workload = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ template: z.looseObject({ spec: podSpec }) }),
});

const annotated = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()) }),
});

/** The metadata of a Service's template. */
function templateOf({ spec }: z.infer<typeof workload>): z.infer<typeof annotated>['metadata'] {
  return annotated.parse(spec.template).metadata;
}

/** Everything in an overlay that runs containers. */
async function workloadsOf(overlay: string): Promise<z.infer<typeof workload>[]> {
  const manifests = await renderOverlay(overlay);
  const templates = manifests.filter(({ object }) =>
    JSON.stringify(object).includes('"containers"'),
  );
  return templates.map(({ object }) => workload.parse(object));
}

async function functionsOf(overlay: string): Promise<z.infer<typeof workload>[]> {
  const workloads = await workloadsOf(overlay);
  return workloads.filter(({ apiVersion }) => apiVersion === 'serving.knative.dev/v1');
}

/** What each function of an overlay finds in its environment. */
async function environmentsOf(overlay: string): Promise<Map<string, string>[]> {
  const readings = readServices(await renderOverlay(overlay));
  return readings.map(({ service }) => new Map(Object.entries(service.template.env)));
}

describe('every file below knative/', () => {
  const files = globSync('knative/**/*.yaml', { cwd: root });

  it.each(files)('%s is YAML without faults', (file) => {
    const documents = parseAllDocuments(readFileSync(join(root, file), 'utf8'));

    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(documents.length).toBeGreaterThan(0);
  });

  it('there are files', () => {
    expect(files).toContain('knative/base/iris/service.yaml');
  });
});

describe.each(overlays)('the overlay %s', (overlay) => {
  it('runs at least one function', async () => {
    expect(await functionsOf(overlay)).not.toEqual([]);
  });

  it('sets only variables that functions know', async () => {
    const known = new Set([
      ...Object.keys(environmentSchema.shape),
      ...FILE_SETTINGS.map((name) => `${name}_FILE`),
    ]);

    for (const env of await environmentsOf(overlay)) {
      expect([...env.keys()].filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('gives every function a target, what it needs, and a metrics port', async () => {
    for (const env of await environmentsOf(overlay)) {
      const kind = FUNCTIONS[env.get('FUNCTION_TARGET') ?? ''];
      expect(kind).toBeDefined();
      if (kind === 'model') expect(env.get('MODEL_URI')).toMatch(/^s3:\/\/models\/.+\/\d+$/);
      else expect([...env.keys()]).toEqual(expect.arrayContaining(['DATA_BUCKET', 'K_SINK']));
      expect(env.get('METRICS_PORT')).toBe('9464');
    }
  });

  it('has a second Service for each model, which scores one chunk at a time beside its own loop', async () => {
    const readings = readServices(await renderOverlay(overlay)).map(({ service }) => service);
    const models = readings.filter(({ name }) => Object.hasOwn(CATALOGUE, name));

    for (const { name, template: own } of models) {
      const template = readings.find((one) => one.name === `${name}-batch`)?.template;
      expect(template?.env).toMatchObject({
        FUNCTION_TARGET: own.env['FUNCTION_TARGET'],
        MODEL_URI: own.env['MODEL_URI'],
        MODEL_EXECUTION: 'worker',
        MODEL_WORKERS: '1',
      });
      expect(template).toMatchObject({ containerConcurrency: 1, timeoutMs: 600_000 });
      expect(template?.mounts).toContainEqual({
        mountPath: '/secrets/s3',
        content: { kind: 'secret', name: 's3-data' },
      });
    }
  });

  it('has values that the configuration takes', async () => {
    for (const env of await environmentsOf(overlay)) {
      expect(environmentSchema.safeParse(Object.fromEntries(env))).toMatchObject({ success: true });
    }
  });

  it('confines every container, and says what it needs and may use', async () => {
    for (const { spec } of await workloadsOf(overlay)) {
      const pod = spec.template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
      });
      for (const { name, securityContext, resources } of pod.containers) {
        expect([name, confined.safeParse(securityContext).error?.issues]).toEqual([
          name,
          undefined,
        ]);
        expect([name, bounded.safeParse(resources).error?.issues]).toEqual([name, undefined]);
      }
    }
  });

  it('names no image by "latest", or by a tag that could move', async () => {
    const workloads = await workloadsOf(overlay);
    const images = workloads.flatMap(({ spec }) =>
      spec.template.spec.containers.map((c) => c.image),
    );

    // Placeholders, or digests.
    for (const image of images) expect(image).toMatch(/^[a-z-]+$|@sha256:[0-9a-f]{64}$/);
  });

  it('mounts every volume, and only volumes that are there', async () => {
    for (const { spec } of await workloadsOf(overlay)) {
      const pod = spec.template.spec;
      const mounted = pod.containers.flatMap(({ volumeMounts }) => volumeMounts.map((m) => m.name));
      const claims = z.array(z.object({ metadata: z.object({ name: z.string() }) }));
      const claimed = claims.parse(spec['volumeClaimTemplates'] ?? []);
      const there = [
        ...pod.volumes.map(({ name }) => name),
        ...claimed.map((c) => c.metadata.name),
      ];

      expect(mounted.toSorted()).toEqual(there.toSorted());
    }
  });

  it('lets an answer start as late as it may end', async () => {
    const environments = await environmentsOf(overlay);
    for (const [index, service] of (await functionsOf(overlay)).entries()) {
      const pod = functionSpec.parse(service.spec.template.spec);
      expect(pod.responseStartTimeoutSeconds).toBe(pod.timeoutSeconds);

      // The function itself must give up first, or the caller gets Knative's own 504.
      const inferenceMs = environmentSchema.parse(Object.fromEntries(environments[index] ?? []));
      expect(inferenceMs.INFERENCE_TIMEOUT_MS).toBeLessThanOrEqual(
        pod.timeoutSeconds * 1000 - 5000,
      );
      expect(inferenceMs.SHUTDOWN_GRACE_MS).toBeLessThan(pod.timeoutSeconds * 1000);
    }
  });

  it('lets in twice the rows of a run where runs are long, and sends the rest elsewhere', async () => {
    const environments = await environmentsOf(overlay);
    const [found, wanted]: [unknown[], unknown[]] = [[], []];
    for (const [index, service] of (await functionsOf(overlay)).entries()) {
      if (!Object.hasOwn(CATALOGUE, service.metadata.name)) continue;
      const uri = environments[index]?.get('MODEL_URI') ?? '';
      const name = /([a-z0-9-]+)\/\d+$/.exec(uri)?.[1] ?? '';
      const { batch, execution } = modelManifest.parse(
        JSON.parse(readFileSync(join(root, 'models', name, 'model.json'), 'utf8')),
      );
      if (execution === 'inline') continue;
      const { annotations } = templateOf(service);
      const limit = 2 * (batch?.max_rows ?? 1);
      const { containerConcurrency } = service.spec.template.spec as Record<string, unknown>;
      found.push({ name, containerConcurrency, ...annotations });
      wanted.push({
        ...annotations,
        name,
        containerConcurrency: limit,
        'autoscaling.knative.dev/target': String(limit),
        'autoscaling.knative.dev/target-utilization-percentage': '70',
        'autoscaling.knative.dev/target-burst-capacity': '-1',
      });
    }

    expect(found).toEqual(wanted);
  });
});
