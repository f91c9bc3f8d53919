import type { CheckContext } from '../check.ts';
import { type ProgramResult, runProgram } from '../program.ts';

/** Below the time limits of checks, so that kubectl's own words are heard. */
const REQUEST_TIMEOUT = '--request-timeout=5s';

/** Runs kubectl against the cluster of `KUBECONFIG`; never rejects. Nothing that is run here changes it. */
export function kubectl(
  { env, signal }: Pick<CheckContext, 'env' | 'signal'>,
  args: readonly string[],
  input?: string,
): Promise<ProgramResult> {
  const given = input === undefined ? {} : { input };
  return runProgram('kubectl', [...args, REQUEST_TIMEOUT], { env, signal, ...given });
}
