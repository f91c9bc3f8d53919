import type { Samples } from '../inputs/signal/recording.ts';
import { createTurns } from '../inputs/turns.ts';
import { shortened } from './numbers.ts';
import type { DenoisedFile } from './request.ts';

/** More than a page has columns of pixels for. */
const MAX_BINS = 1000;
/** Samples that are read at a time. */
const BLOCK = 65_536;

/** The smallest and the largest value of every bin, of the signal as it was sent and without interference. */
export async function plotOf(
  input: Samples,
  denoised: Float32Array,
  rateHz: number,
): Promise<DenoisedFile['plot']> {
  const size = Math.ceil(input.length / MAX_BINS);
  const count = Math.ceil(input.length / size);
  const [inputs, outputs] = [createBins(size, count), createBins(size, count)];
  const block = new Float64Array(Math.min(BLOCK, input.length));
  const turns = createTurns();
  for (let start = 0; start < input.length; start += block.length) {
    const values = block.subarray(0, input.length - start);
    input.read(start, values.length, values);
    inputs.add(start, values);
    outputs.add(start, denoised.subarray(start, start + values.length));
    if (turns.isOver()) await turns.next();
  }
  return {
    step_s: size / rateHz,
    input_min: Array.from(inputs.smallest, shortened),
    input_max: Array.from(inputs.largest, shortened),
    denoised_min: Array.from(outputs.smallest, shortened),
    denoised_max: Array.from(outputs.largest, shortened),
  };
}

interface Bins {
  readonly smallest: Float64Array;
  readonly largest: Float64Array;
  /** @param start The index of the first of the values. */
  add(start: number, values: Float64Array | Float32Array): void;
}

function createBins(size: number, count: number): Bins {
  const smallest = new Float64Array(count).fill(Infinity);
  const largest = new Float64Array(count).fill(-Infinity);
  return {
    smallest,
    largest,
    add(start, values) {
      for (let index = 0; index < values.length; index += 1) {
        const value = values[index] ?? 0;
        const bin = Math.floor((start + index) / size);
        if (value < (smallest[bin] ?? 0)) smallest[bin] = value;
        if (value > (largest[bin] ?? 0)) largest[bin] = value;
      }
    },
  };
}
