import type { ModelFacts } from '../../models/loader/loaded-model.ts';
import { denoisePreprocessing } from './preprocessing.ts';
import type { DenoisePreprocessing } from './preprocessing.ts';

/** Names of the network's input and its outputs, of [batch, window] each. */
export const INPUT = 'signal';
/** Without interference. */
export const DENOISED = 'denoised';
/** The square of the error that `denoised` is expected to have. */
export const ERROR_VARIANCE = 'error_variance';

/** What is worked out once per model, not once per request. */
export interface PreparedDenoiser {
  readonly constants: DenoisePreprocessing;
  /** Samples of a window. */
  readonly window: number;
  /** Windows of a run. */
  readonly maxRows: number;
}

type Facts = Pick<ModelFacts, 'manifest'>;

const preparedModels = new WeakMap<Facts['manifest'], PreparedDenoiser>();

/**
 * The constants of a package and the size of its windows.
 * @throws {Error} When they are missing or do not fit the graph.
 */
export function prepare({ manifest }: Facts): PreparedDenoiser {
  const known = preparedModels.get(manifest);
  if (known !== undefined) return known;
  const constants = denoisePreprocessing.parse(manifest.preprocessing);
  const tensors = [...manifest.inputs, ...manifest.outputs];
  const window = manifest.inputs[0]?.shape[1];
  const names = tensors.map(({ name }) => name).join();
  if (names !== [INPUT, DENOISED, ERROR_VARIANCE].join()) {
    throw new Error(`the tensors are ${names}, not ${INPUT}, ${DENOISED}, ${ERROR_VARIANCE}`);
  }
  const fits = tensors.every(
    ({ shape, datatype }) => shape.length === 2 && shape[1] === window && datatype === 'FP32',
  );
  if (typeof window !== 'number' || !fits) throw new Error('tensors are not FP32 [batch, window]');
  if (constants.overlap * 2 > window) throw new Error('windows overlap by more than their half');
  const prepared = { constants, window, maxRows: manifest.batch?.max_rows ?? 1 };
  preparedModels.set(manifest, prepared);
  return prepared;
}
