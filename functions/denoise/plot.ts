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
  const [inputs, outputs] = [createBins(size), createBins(size)];
  const block = new Float64Array(Math.min(BLOCK, input.length));
  const turns = createTurns();
  for (let start = 0; start < input.length; start += block.length) {
    const count = Math.min(block.length, input.length - start);
    input.read(start, count, block);
    for (let index = 0; index < count; index += 1) {
      inputs.add(start + index, block[index] ?? 0);
      outputs.add(start + index, denoised[start + index] ?? 0);
    }
    if (turns.isOver()) await turns.next();
  }
  return {
    step_s: size / rateHz,
    input_min: inputs.smallest.map(shortened),
    input_max: inputs.largest.map(shortened),
    denoised_min: outputs.smallest.map(shortened),
    denoised_max: outputs.largest.map(shortened),
  };
}

interface Bins {
  readonly smallest: number[];
  readonly largest: number[];
  add(index: number, value: number): void;
}

function createBins(size: number): Bins {
  const smallest: number[] = [];
  const largest: number[] = [];
  return {
    smallest,
    largest,
    add(index, value) {
      const bin = Math.floor(index / size);
      smallest[bin] = Math.min(smallest[bin] ?? value, value);
      largest[bin] = Math.max(largest[bin] ?? value, value);
    },
  };
}
