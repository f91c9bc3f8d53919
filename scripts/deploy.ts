import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

import { ConfigurationError } from '../functions/runtime/errors.ts';
import { type DeployEnvironment, readDeployEnvironment } from './deploy/environment.ts';
import { buildAndPush, buildMinioImage } from './deploy/images.ts';
import { type ClusterObject, Kubectl } from './deploy/kubectl.ts';
import { startProgress } from './deploy/progress.ts';
import { packageFolders, publishModels } from './deploy/publish-models.ts';
import { type Rendering, renderForCluster } from './deploy/render.ts';
import { type KnativeService, modelOf, targetOf } from './deploy/revision.ts';
import { waitForService } from './deploy/roll-out.ts';
import { CommandError } from './deploy/run-command.ts';
import { ensureSecret, makeMinioRoot, makeS3User, makeUploadsWebhook } from './deploy/secrets.ts';
import { copyManifests } from './imported/copy-manifests.ts';
import { importedManifests } from './imported/imported-manifests.ts';
import { modelFolders } from './models/package-folders.ts';

const root = join(import.meta.dirname, '..');
const USAGE = 'Usage: npm run deploy -- dev\n';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [overlay, ...rest] = args;
  if (overlay !== 'dev' || rest.length > 0) {
    process.stderr.write(USAGE);
    return 64;
  }
  try {
    await deploy(overlay, readDeployEnvironment(process.env));
    return 0;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    process.stderr.write(`${message}\n`);
    if (cause instanceof CommandError) process.stderr.write(`${cause.output}\n`);
    return cause instanceof ConfigurationError ? 78 : 1;
  }
}

/** Brings the cluster to what the clone says. Run twice, the second time changes nothing. */
async function deploy(overlay: string, env: DeployEnvironment): Promise<void> {
  const say = startProgress();
  const dockerfile = join(root, 'Dockerfile');
  const pilotlight = await buildAndPush(
    { name: 'pilotlight', tag: overlay, dockerfile, context: root },
    env,
  );
  say(`image ${pilotlight}`);
  const minio = await minioImage(overlay, env);
  say(`image ${minio}`);

  const images = new Map([
    ['pilotlight', pilotlight],
    ['pilotlight-minio', minio],
  ]);
  const folders = modelFolders(root, process.env);
  const rendering = await render(overlay, folders, images);
  const { services, platform, namespace } = rendering;
  const kubectl = new Kubectl(namespace.metadata.name);
  say(await kubectl.apply([namespace]));

  const secrets = {
    root: await ensureSecret(kubectl, 'minio-root', makeMinioRoot),
    reader: await ensureSecret(kubectl, 's3-models', makeS3User),
    worker: await ensureSecret(kubectl, 's3-data', makeS3User),
  };
  // MinIO and the function `uploads` read it for themselves.
  await ensureSecret(kubectl, 'uploads-webhook', makeUploadsWebhook);
  const dataBucket = dataBucketOf(platform);
  say(await kubectl.apply(platform));
  await kubectl.run(
    ['rollout', 'status', 'statefulset/minio', '--timeout=180s'],
    'See `kubectl describe pod minio-0` in the namespace',
  );
  say('MinIO is ready');

  const packages = await packageFolders(
    folders,
    services.map(modelOf).filter((name) => name !== ''),
  );
  {
    await using forward = await kubectl.portForward('service/minio', 9000);
    for (const model of await publishModels(
      { endpoint: forward.url, dataBucket, ...secrets },
      packages,
    )) {
      const what = model.uploaded.length === 0 ? 'was there' : `${model.uploaded.length} files new`;
      say(`model ${model.uri}: ${what}, digest sha256:${model.digest}`);
    }
  }

  say(await kubectl.apply(services, 'Is Knative Serving installed and its webhook up?'));
  for (const service of services) await report(kubectl, service, env, say);
}

/** The overlay with a Service for each imported model; kustomize reads files, so it gets a copy. */
async function render(
  overlay: string,
  folders: readonly string[],
  images: ReadonlyMap<string, string>,
): Promise<Rendering> {
  const { services, triggers } = await importedManifests(root, folders);
  await using copy = await copyManifests(root, [...services, ...triggers]);
  return await renderForCluster(join(copy.dir, 'overlays', overlay), images);
}

async function minioImage(tag: string, env: DeployEnvironment): Promise<string> {
  if (env.MINIO_IMAGE !== undefined) return env.MINIO_IMAGE;
  const dockerfile = join(root, 'knative/platform/minio/Dockerfile');
  return buildMinioImage(env.MINIO_BIN ?? '', dockerfile, tag, env);
}

async function report(
  kubectl: Kubectl,
  service: KnativeService,
  env: DeployEnvironment,
  say: (text: string) => void,
): Promise<void> {
  const { name, revision, url } = await waitForService(kubectl, service);
  say(`${name} is ready: revision ${revision}, ${url}`);
  const call = callOf(targetOf(service));
  const { host } = new URL(url);
  // Services for brokers only are not reached through the gateway.
  if (call === undefined || host.endsWith('.svc.cluster.local')) return;
  const gateway = env.KNATIVE_GATEWAY.replace(/\/$/, '');
  process.stdout.write(
    `\n  curl '${gateway}${call.path}' -H 'Host: ${host}' \\\n` +
      `    -H 'Content-Type: ${call.type}' --data-binary @${relative('.', call.file)}\n\n`,
  );
}

/** A request to try a function with; none where it has no sample. */
function callOf(target: string): { path: string; type: string; file: string } | undefined {
  const sample = (name: string): string => join(root, 'functions', target, name);
  if (target === 'batch') {
    const type = 'application/x-ndjson';
    return { path: '/v1/batches?model=iris', type, file: sample('sample.jsonl') };
  }
  const file = sample('sample.json');
  return existsSync(file) ? { path: '/predict', type: 'application/json', file } : undefined;
}

/** The `DATA_BUCKET` of the overlay's settings. */
function dataBucketOf(objects: readonly ClusterObject[]): string {
  for (const object of objects) {
    const { data } = object as { readonly data?: Readonly<Record<string, string>> };
    if (object.kind === 'ConfigMap' && data?.['DATA_BUCKET'] !== undefined)
      return data['DATA_BUCKET'];
  }
  throw new Error('The overlay names no DATA_BUCKET in its config.yaml');
}
