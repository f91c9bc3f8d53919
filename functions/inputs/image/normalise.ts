import type { ImagePreprocessing } from './preprocessing.ts';
import type { Pixels } from './resample.ts';

const CHANNELS = 3;

/** Writes an image into `target` at `offset` as [3, height, width]: scaled, less the mean, by the deviation. */
export type Normalise = (image: Pixels, target: Float32Array, offset: number) => void;

/**
 * Prepares {@link Normalise} for a model's constants: 256 values per channel, each rounded to 32 bits after
 * every step, as numpy and torch do.
 */
export function createNormalise({
  scale,
  mean,
  standard_deviation: deviation,
}: Pick<ImagePreprocessing, 'scale' | 'mean' | 'standard_deviation'>): Normalise {
  const { fround } = Math;
  const tables = mean.map((center, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => {
      const scaled = fround(value * fround(scale));
      return fround(fround(scaled - fround(center)) / fround(deviation[channel] ?? 1));
    }),
  );
  return ({ width, height, data }, target, offset) => {
    const plane = width * height;
    for (const [channel, table] of tables.entries()) {
      const start = offset + channel * plane;
      for (let pixel = 0; pixel < plane; pixel += 1) {
        target[start + pixel] = table[data[pixel * CHANNELS + channel] ?? 0] ?? 0;
      }
    }
  };
}
