import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { openPortForward } from '../../deploy/port-forward.ts';
import { type CheckContext, found, type Line, skipped } from '../check.ts';
import { onCluster } from '../cluster/access.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { type UsedOverlay, usedOverlays } from '../cluster/namespaces.ts';
import type { RenderedService } from '../manifests/read-overlays.ts';
import { secretBehind } from '../manifests/secret-use.ts';
import { firstWords } from '../program.ts';
import { packageFolders } from './packages.ts';
import { publishedLines } from './published.ts';

const BUCKET = 'models';
const SHARED_MODEL = /^s3:\/\/models\/_shared\/([^/]+)\//;

/**
 * Whether the store inside the cluster has the models that Services there load, byte for byte: asked through
 * a port-forward, with the credentials of the Services. Nothing is written.
 */
export function checkModelsInCluster(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const overlays = await usedOverlays(context);
    const lines = await Promise.all(overlays.map((overlay) => overlayLines(context, overlay)));
    return lines.flat();
  });
}

async function overlayLines(
  context: CheckContext,
  { namespace, exists, services }: UsedOverlay,
): Promise<readonly Line[]> {
  if (!exists)
    return [skipped(`there is no namespace ${namespace} yet: a deploy publishes its models`)];
  const lines: Line[] = [];
  const asked = new Set<string>();
  for (const service of services) {
    const model = SHARED_MODEL.exec(service.env.get('MODEL_URI') ?? '')?.[1];
    const folder = (await packageFolders(context)).find((path) => path.endsWith(`/${model}`));
    // The check of the manifests says when there is no such model; several Services may serve one.
    const question = `${folder} ${service.env.get('S3_ENDPOINT')}`;
    if (folder === undefined || asked.has(question)) continue;
    asked.add(question);
    const said = await serviceLines(context, service, folder);
    lines.push(...said.map((line) => ({ ...line, text: `${namespace}: ${line.text}` })));
  }
  return lines;
}

async function serviceLines(
  context: CheckContext,
  service: RenderedService,
  folder: string,
): Promise<readonly Line[]> {
  const { namespace, name } = service;
  const endpoint = service.env.get('S3_ENDPOINT') ?? '';
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // A name without a dot is a Service of the same namespace.
  if (url === undefined || url.hostname.includes('.')) {
    return [
      skipped(`${name} loads from ${endpoint || 'no S3_ENDPOINT'}, which is not in ${namespace}`),
    ];
  }
  const keys = await credentials(context, service);
  if (typeof keys === 'string') return [skipped(keys)];
  const target = `service/${url.hostname}`;
  const { env, signal } = context;
  try {
    const port = Number(url.port) || 80;
    await using forward = await openPortForward({ namespace, target, port, env, signal });
    const settings = {
      S3_ENDPOINT: forward.url,
      AWS_REGION: 'us-east-1',
      AWS_SESSION_TOKEN: undefined,
    };
    const store = openObjectStore({ ...settings, ...keys }, BUCKET, { maxAttempts: 1 });
    try {
      return await publishedLines(store, { folders: [folder], signal });
    } finally {
      store.close();
    }
  } catch (cause) {
    const isRefused = cause instanceof ObjectStoreError && cause.status === 403;
    const code = isRefused ? 'CLUSTER_STORE_REFUSES' : 'CLUSTER_STORE_UNREACHABLE';
    return [found(code, `${target}: ${(cause as Error).message}`)];
  }
}

/** What the Service signs with, or why that cannot be known. */
async function credentials(
  context: CheckContext,
  { spec, name, namespace }: RenderedService,
): Promise<{ AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } | string> {
  const values: string[] = [];
  for (const variable of ['AWS_ACCESS_KEY_ID_FILE', 'AWS_SECRET_ACCESS_KEY_FILE']) {
    const use = secretBehind(spec, variable);
    if (use?.key === undefined) return `${name} has no ${variable} from a Secret`;
    const args = ['get', 'secret', use.secret, '--namespace', namespace, '--output', 'json'];
    const result = await kubectl(context, args);
    if (result.code !== 0) return `the Secret ${use.secret} cannot be read: ${firstWords(result)}`;
    const { data = {} } = JSON.parse(result.stdout) as { data?: Record<string, string> };
    const value = data[use.key];
    if (value === undefined) return `the Secret ${use.secret} has no ${use.key}`;
    values.push(Buffer.from(value, 'base64').toString());
  }
  const [AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = ''] = values;
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
}
