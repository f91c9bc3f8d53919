import { constants, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DeployEnvironment } from './environment.ts';
import { isInstalled, runCommand } from './run-command.ts';

/** An image to build. */
export interface ImageSource {
  /** Its name below the registry. */
  readonly name: string;
  readonly tag: string;
  readonly dockerfile: string;
  /** The folder that the build may read. */
  readonly context: string;
}

type Registry = Pick<
  DeployEnvironment,
  'IMAGE_REGISTRY' | 'IMAGE_REGISTRY_INSECURE' | 'BUILD_CA_FILE'
>;

const BUILD_ADVICE =
  'If npm could not reach its registry: set BUILD_CA_FILE where a proxy re-signs TLS. ' +
  'If a base image could not be pulled: NODE_IMAGE and RUNTIME_IMAGE in the Dockerfile name them';
const PUSH_ADVICE =
  'Check IMAGE_REGISTRY, log in to it, and set IMAGE_REGISTRY_INSECURE=1 when it speaks plain http';

/**
 * Builds an image, pushes it and returns its reference by digest. Layers of earlier builds are used again,
 * so building the same sources gives the same digest.
 * @throws {CommandError} When the build or the push fails, with what to do.
 */
export async function buildAndPush(source: ImageSource, registry: Registry): Promise<string> {
  if (await isInstalled('buildah')) return withBuildah(source, registry);
  if (await isInstalled('docker')) return withDocker(source, registry);
  throw new Error('Cannot build images: install buildah (or docker) and put it on the PATH');
}

/** Puts a MinIO binary on the base of the functions, pushes it, and returns its reference by digest. */
export async function buildMinioImage(
  binary: string,
  dockerfile: string,
  tag: string,
  registry: Registry,
): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), 'pilotlight-minio-'));
  try {
    await copyFile(binary, join(context, 'minio'), constants.COPYFILE_FICLONE);
    return await buildAndPush({ name: 'pilotlight-minio', tag, dockerfile, context }, registry);
  } finally {
    await rm(context, { recursive: true });
  }
}

async function withBuildah(source: ImageSource, registry: Registry): Promise<string> {
  const reference = `${registry.IMAGE_REGISTRY}/${source.name}`;
  const tagged = `${reference}:${source.tag}`;
  const insecure = registry.IMAGE_REGISTRY_INSECURE === '1' ? ['--tls-verify=false'] : [];
  // chroot works in containers and for users without privileges alike.
  const isolation = ['--isolation', 'chroot', '--network', 'host'];
  const args = ['build', ...isolation, '--layers', ...buildArgs(source, registry, tagged)];
  await runCommand('buildah', args, { advice: BUILD_ADVICE });

  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-digest-'));
  try {
    const digestFile = join(folder, 'digest');
    const push = ['push', ...insecure, '--digestfile', digestFile, tagged, `docker://${tagged}`];
    await runCommand('buildah', push, { advice: PUSH_ADVICE });
    return `${reference}@${(await readFile(digestFile, 'utf8')).trim()}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function withDocker(source: ImageSource, registry: Registry): Promise<string> {
  const reference = `${registry.IMAGE_REGISTRY}/${source.name}`;
  const tagged = `${reference}:${source.tag}`;
  const args = ['buildx', 'build', '--load', ...buildArgs(source, registry, tagged)];
  await runCommand('docker', args, { advice: BUILD_ADVICE });
  const pushed = await runCommand('docker', ['push', tagged], { advice: PUSH_ADVICE });
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
  if (digest === undefined) throw new Error(`docker push printed no digest:\n${pushed}`);
  return `${reference}@${digest}`;
}

function buildArgs(source: ImageSource, { BUILD_CA_FILE }: Registry, tagged: string): string[] {
  const secret = BUILD_CA_FILE === undefined ? [] : ['--secret', `id=ca,src=${BUILD_CA_FILE}`];
  return [...secret, '--tag', tagged, '--file', source.dockerfile, source.context];
}
