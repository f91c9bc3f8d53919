import { compareGolden } from './golden.ts';
import type { Session } from './loaded-model.ts';
import { permanentError, reasonOf } from './model-load-error.ts';
import type { GoldenFile } from './package-schema.ts';

/**
 * Runs the first golden case: the first run of a session is the slowest, and a wrong answer must not be
 * anybody's.
 * @throws {ModelLoadError} Permanent, when the outputs are not those of the original framework.
 */
export async function warmUp(uri: string, session: Session, golden: GoldenFile): Promise<void> {
  const [first] = golden.cases;
  if (first === undefined) throw new TypeError('The golden file has no case');
  const differences = await compareGolden(session, first, golden.tolerance).catch(
    (cause: unknown) => {
      throw permanentError(
        `Cannot use ${uri}: its golden example fails: ${reasonOf(cause)}`,
        cause,
      );
    },
  );
  const wrong = differences.filter(({ withinTolerance }) => !withinTolerance);
  if (wrong.length === 0) return;
  const { absolute, relative } = golden.tolerance;
  const allowed = relative === 0 ? `${absolute}` : `${absolute} + ${relative} of the value`;
  throw permanentError(
    `Cannot use ${uri}: its golden example is not reproduced: ${wrong
      .map(({ output, largestDifference }) => `"${output}" differs by ${largestDifference}`)
      .join(', ')} (allowed: ${allowed})`,
  );
}
