import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import { makeInputs } from './make-inputs.ts';
import type { InputPlan } from './make-inputs.ts';
import { RefusedError } from './refused-error.ts';
import type { TensorValue } from './tensor-values.ts';
import type { Trial } from './trial.ts';

/** Sizes that are tried for axes that vary: windows, sentences, pictures. */
const LENGTHS = [8, 16, 1, 32, 4, 64, 2, 3, 128, 224, 256];
/** Ids beyond a vocabulary fail: what whole numbers stay below. */
const LIMITS = [1000, 100, 20, 3, 2, 1];
const SEED = 1936;
/** Whoever waits for more than this had better give an input. */
const PATIENCE_MS = 120_000;

/** Inputs that a model accepts, how they were made, and what came out. */
export interface FoundInputs {
  readonly plan: InputPlan;
  readonly inputs: TensorMap;
  readonly outputs: TensorMap;
}

/**
 * Looks for made-up inputs of one row that the model accepts.
 * @throws {RefusedError} When there are none; says to give some, and why the last ones failed.
 */
export async function findInputs(
  file: string,
  trial: Trial,
  values: readonly TensorValue[],
): Promise<FoundInputs> {
  const givesUpMs = performance.now() + PATIENCE_MS;
  const varies = values.some(({ axes }) =>
    axes.some((axis, at) => at > 0 && typeof axis !== 'number'),
  );
  const isWhole = values.some(({ datatype }) => datatype.includes('INT'));
  let reason = 'there was no time for a single run';
  for (const length of varies ? LENGTHS : [1]) {
    for (const limit of isWhole ? LIMITS : [1]) {
      if (performance.now() > givesUpMs) break;
      const plan = { rows: 1, length, limit, seed: SEED };
      const inputs = makeInputs(values, plan);
      try {
        return { plan, inputs, outputs: await trial.run(inputs) };
      } catch (cause) {
        if (cause instanceof RefusedError) throw cause;
        reason = (cause as Error).message.replace(/\s+/g, ' ');
      }
    }
  }
  throw new RefusedError(file, [
    'it fails with every input that was made up for it. Give one that it accepts: --golden FILE ' +
      `(ONNX Runtime, of the last one: ${reason})`,
  ]);
}
