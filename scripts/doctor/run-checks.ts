import { type Check, type CheckContext, found, type Line } from './check.ts';
import type { Group } from './finding.ts';

/** What one check said. */
export interface CheckReport {
  readonly group: Group;
  readonly name: string;
  readonly durationMs: number;
  readonly lines: readonly Line[];
}

const DEFAULT_LIMIT_MS = 10_000;

/** Runs all checks at once, each within its time limit; resolves with their reports in the given order. */
export function runChecks(
  checks: readonly Check[],
  context: Pick<CheckContext, 'root' | 'env'>,
): Promise<CheckReport[]> {
  return Promise.all(
    checks.map(async (check) => {
      const startedMs = performance.now();
      const lines = await linesOf(check, context);
      const durationMs = Math.round(performance.now() - startedMs);
      return { group: check.group, name: check.name, durationMs, lines };
    }),
  );
}

async function linesOf(
  check: Check,
  context: Pick<CheckContext, 'root' | 'env'>,
): Promise<readonly Line[]> {
  const limitMs = check.limitMs ?? DEFAULT_LIMIT_MS;
  const limit = new AbortController();
  const timedOut = Promise.withResolvers<readonly Line[]>();
  const timer = setTimeout(() => {
    timedOut.resolve([found('CHECK_TIMED_OUT', `no result within ${limitMs / 1000} s`)]);
    limit.abort();
  }, limitMs);
  try {
    // The race ends also when a check does not listen to its signal.
    return await Promise.race([check.run({ ...context, signal: limit.signal }), timedOut.promise]);
  } catch (cause) {
    return [found('CHECK_FAILED', cause instanceof Error ? cause.message : String(cause))];
  } finally {
    clearTimeout(timer);
  }
}
