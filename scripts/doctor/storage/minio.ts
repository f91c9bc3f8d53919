import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { firstWords, runProgram } from '../program.ts';

/** Whether the MinIO binary runs: that of `MINIO_BIN`, else `minio` on the PATH. */
export async function checkMinio({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const named = env['MINIO_BIN'] ?? '';
  const command = named === '' ? 'minio' : named;
  const result = await runProgram(command, ['--version'], { env, signal });
  const version = result.stdout.split('\n')[0] ?? '';
  if (result.code === 0) return [ok(`${command}: ${version}`)];
  if (named === '' && !result.started && result.stderr.includes('ENOENT')) {
    return [
      skipped('there is no MINIO_BIN and no minio on the PATH; tests against it are skipped too'),
    ];
  }
  return [found('MINIO_BROKEN', `${command} --version: ${firstWords(result)}`)];
}
