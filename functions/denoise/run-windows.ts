import type { PredictContext } from '../predict-context.ts';
import type { Samples } from '../inputs/signal/recording.ts';
import { InferenceError } from '../runtime/errors.ts';
import type { TensorMap } from '../runtime/tensor.ts';
import { createOverlapAdd } from './overlap-add.ts';
import type { DenoisedWindow, Piece } from './overlap-add.ts';
import { DENOISED, ERROR_VARIANCE, INPUT } from './prepare.ts';
import type { PreparedDenoiser } from './prepare.ts';
import { planWindows, readWindow, writeRow } from './windows.ts';

/** Runs of one request that wait or compute at once: enough to keep two processes busy. */
const RUNS_AHEAD = 3;

/**
 * The signal without interference, piece by piece, in order. Whatever its length, only a few windows are held.
 * @param signal At the rate that the network sees.
 */
export async function* runWindows(
  signal: Samples,
  { window: size, maxRows, constants }: PreparedDenoiser,
  { infer, signal: abort }: Pick<PredictContext<unknown>, 'infer' | 'signal'>,
): AsyncGenerator<Piece> {
  const plan = planWindows(signal.length, size, constants.overlap);
  const add = createOverlapAdd(plan);
  const running: Promise<DenoisedWindow[]>[] = [];
  let next = 0;
  while (next < plan.count || running.length > 0) {
    if (next < plan.count && running.length < RUNS_AHEAD) {
      abort.throwIfAborted();
      const rows = Math.min(maxRows, plan.count - next);
      const windows = Array.from({ length: rows }, (_, row) =>
        readWindow(signal, plan, next + row),
      );
      next += rows;
      const data = new Float32Array(rows * size);
      for (const [row, window] of windows.entries()) writeRow(window, data, row * size);
      const run = infer({ [INPUT]: { datatype: 'FP32', shape: [rows, size], data } }, rows).then(
        (outputs) => split(outputs, size, windows),
      );
      // One that fails while another is waited for is reported when its turn comes.
      run.catch(() => {});
      running.push(run);
      continue;
    }
    for (const denoised of (await running.shift()) ?? []) yield add(denoised);
  }
}

function split(
  outputs: TensorMap,
  size: number,
  windows: readonly DenoisedWindow['window'][],
): DenoisedWindow[] {
  const denoised = outputs[DENOISED]?.data;
  const variance = outputs[ERROR_VARIANCE]?.data;
  if (!(denoised instanceof Float32Array) || !(variance instanceof Float32Array)) {
    throw new InferenceError('The model has no outputs of 32-bit floats');
  }
  return windows.map((window, row) => ({
    window,
    denoised: denoised.subarray(row * size, (row + 1) * size),
    variance: variance.subarray(row * size, (row + 1) * size),
  }));
}
