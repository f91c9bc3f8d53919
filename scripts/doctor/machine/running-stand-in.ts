import type { StandInStatus } from '../../../knative/local/status.ts';
import type { CheckContext } from '../check.ts';

const LIMIT_MS = 2000;

/** What `npm start` on that port says of itself; `undefined` when what listens there, if anything, is another program. */
export async function runningStandIn(
  port: number,
  { signal }: Pick<CheckContext, 'signal'>,
): Promise<StandInStatus | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const answer = await fetch(`http://127.0.0.1:${port}/_local`, { signal: limit });
    const body = (await answer.json()) as Partial<StandInStatus>;
    const isOne = typeof body.router === 'string' && typeof body.s3?.endpoint === 'string';
    return isOne ? (body as StandInStatus) : undefined;
  } catch {
    return undefined;
  }
}
