import { InvalidRequestError } from '../../runtime/errors.ts';

/** No signal may be longer: as 32-bit floats this many take 40 MB. */
export const MAX_SAMPLES = 10_000_000;

/** Fewer show nothing. */
export const MIN_SAMPLES = 16;

/** Far above every measured quantity, and far enough below what 32 bits hold for sums and scales. */
export const MAX_MAGNITUDE = 1e30;

/** Numbers one after the other, which stay where they are until they are asked for. */
export interface Samples {
  readonly length: number;
  /**
   * Copies `count` of them, from `start` on, to the front of `target`. Both must be within bounds.
   * @throws {InvalidRequestError} When one is not finite or larger than {@link MAX_MAGNITUDE}.
   */
  read(start: number, count: number, target: Float64Array): void;
}

/** Where a sampling rate comes from, when it comes from the file. */
export type RateSource = 'header' | 'time column';

/** What a signal file holds: channels of equal length, and maybe their sampling rate. */
export interface Recording {
  readonly format: 'csv or text' | 'npy' | 'wav' | 'json';
  readonly channels: number;
  readonly rate?: { readonly hz: number; readonly from: RateSource };
  /** @param channel From 0, below `channels`. */
  readonly channel: (channel: number) => Samples;
}

/** How to get at one sample of a channel. */
export type ReadSample = (index: number) => number;

/** Samples that are decoded one by one, and checked when they are read. */
export function samplesOf(length: number, readSample: ReadSample): Samples {
  return {
    length,
    read(start, count, target) {
      for (let index = 0; index < count; index += 1) {
        target[index] = checkedSample(readSample(start + index), start + index);
      }
    },
  };
}

/**
 * The value itself.
 * @throws {InvalidRequestError} When it is not finite or larger than {@link MAX_MAGNITUDE}.
 */
export function checkedSample(value: number, index: number): number {
  // Not-a-number compares as false.
  if (Math.abs(value) <= MAX_MAGNITUDE) return value;
  throw new InvalidRequestError(
    Number.isFinite(value)
      ? `Sample ${index} is ${value}; at most ${MAX_MAGNITUDE} is read`
      : `Sample ${index} is not finite`,
  );
}

/**
 * Checks the size of a recording before anything is made of it.
 * @throws {InvalidRequestError} When there are too few samples or too many, or no channel.
 */
export function checkSize(samples: number, channels: number): void {
  if (channels < 1) throw new InvalidRequestError('The file has no channel');
  if (samples < MIN_SAMPLES || samples > MAX_SAMPLES) {
    throw new InvalidRequestError(
      `The signal has ${samples} samples; ${MIN_SAMPLES} to ${MAX_SAMPLES} are read`,
    );
  }
}
