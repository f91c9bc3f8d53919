import { seededRandom } from '../../support/seeded-random.ts';

/** Samples of a signal: far fewer than the model's window, so that a record is small and takes its time. */
const SAMPLES = 16;

/** Every so many records one is not as it must be. */
const BAD_EVERY = 1000;

/** Signals for `denoise` as JSON lines, no two alike; one in a thousand is a word. The same ones for the same count. */
export function signalLines(count: number): string[] {
  const random = seededRandom(20_261_121);
  return Array.from({ length: count }, (_, index) => {
    const signal = Array.from({ length: SAMPLES }, () => Number((random() - 0.5).toFixed(4)));
    const isBad = index % BAD_EVERY === BAD_EVERY - 1;
    return JSON.stringify({ custom_id: `r${index}`, signal: isBad ? 'noise' : signal });
  });
}
