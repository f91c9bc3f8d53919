import { type CheckContext, found, type Line, ok } from '../check.ts';
import { firstWords, runProgram } from '../program.ts';

/** Whether the tests with clients in Python can run here. */
export async function checkPython({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const version = await runProgram('python3', ['--version'], { env, signal });
  if (version.code !== 0) return [found('PYTHON_MISSING', firstWords(version))];
  // Debian splits both off into a package of their own.
  const venv = await runProgram('python3', ['-c', 'import ensurepip, venv'], { env, signal });
  const name = version.stdout.trim();
  return [
    venv.code === 0
      ? ok(`${name}, with venv`)
      : found('PYTHON_WITHOUT_VENV', `${name}: ${venv.stderr.trim().split('\n').at(-1)}`),
  ];
}
