import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { firstWords, runProgram } from '../program.ts';

/** Whether images can be built here; asked only of machines that deploy. */
export async function checkImageBuilder({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const buildah = await runProgram('buildah', ['--version'], { env, signal });
  if (buildah.code === 0) return [ok(buildah.stdout.trim())];
  const docker = await runProgram('docker', ['--version'], { env, signal });
  if (docker.code === 0) {
    // Unlike --version, this asks the daemon.
    const server = await runProgram('docker', ['version'], { env, signal });
    return [
      server.code === 0
        ? ok(docker.stdout.trim())
        : found('DOCKER_DAEMON_DOWN', firstWords(server)),
    ];
  }
  return (env['IMAGE_REGISTRY'] ?? '') === ''
    ? [
        skipped(
          'IMAGE_REGISTRY is not set: no images are built here (there is no buildah or docker)',
        ),
      ]
    : [found('IMAGE_BUILDER_MISSING', 'neither buildah nor docker is on the PATH')];
}
