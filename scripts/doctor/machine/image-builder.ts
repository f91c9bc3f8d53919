import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { firstWords, runProgram } from '../program.ts';

/** Whether images can be built here; a fault only where `IMAGE_REGISTRY` says that this machine deploys. */
export async function checkImageBuilder(context: CheckContext): Promise<readonly Line[]> {
  const line = await builderLine(context);
  const isNeeded = (context.env['IMAGE_REGISTRY'] ?? '') !== '';
  return line.status === 'found' && !isNeeded
    ? [skipped(`IMAGE_REGISTRY is not set: no images are built here (${line.text})`)]
    : [line];
}

async function builderLine({ env, signal }: CheckContext): Promise<Line> {
  const buildah = await runProgram('buildah', ['--version'], { env, signal });
  if (buildah.code === 0) return ok(buildah.stdout.trim());
  const docker = await runProgram('docker', ['--version'], { env, signal });
  if (docker.code !== 0) {
    return found('IMAGE_BUILDER_MISSING', 'neither buildah nor docker is on the PATH');
  }
  // Unlike --version, this asks the daemon.
  const server = await runProgram('docker', ['version'], { env, signal });
  return server.code === 0
    ? ok(docker.stdout.trim())
    : found('DOCKER_DAEMON_DOWN', firstWords(server));
}
