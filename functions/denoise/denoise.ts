import { resampled } from '../inputs/signal/resample/resampled.ts';
import { createResampleBack } from '../inputs/signal/resample/resample-back.ts';
import { inverse, ratioOf } from '../inputs/signal/resample/ratio.ts';
import type { Samples } from '../inputs/signal/recording.ts';
import type { PredictContext } from '../predict-context.ts';
import { createPulseFinder } from './find-pulses.ts';
import { plotOf } from './plot.ts';
import { prepare } from './prepare.ts';
import type { DenoisedFile } from './request.ts';
import { runWindows } from './run-windows.ts';
import { createSnrEstimate } from './snr.ts';

/** Who said what the sampling rate is. */
export type RateFrom = DenoisedFile['sample_rate_from'];

/** One signal, and what is known of it. */
export interface SignalToDenoise {
  readonly samples: Samples;
  readonly channels: number;
  /** Of nobody said: that of the model. */
  readonly rate?: { readonly hz: number; readonly from: RateFrom };
}

type Context = Pick<PredictContext<unknown>, 'model' | 'infer' | 'signal'>;

/** A signal of noise could be all pulses. */
const MAX_LISTED = 10_000;

/**
 * Takes the interference out of a signal and finds the pulses in it: resampled to the rate of the model where that is
 * near, in windows that fade into each other, and back. Besides the answer only a few windows are held.
 * @throws {InvalidRequestError} When a sample is not finite.
 */
export async function denoiseSignal(
  { samples, channels, rate }: SignalToDenoise,
  context: Context,
): Promise<DenoisedFile> {
  const prepared = prepare(context.model);
  const { sample_rate: modelHz, largest_resampling: largest, pulses } = prepared.constants;
  const hz = rate?.hz ?? modelHz;
  const isNear = hz >= modelHz / largest && hz <= modelHz * largest;
  const ratio = ratioOf(hz, isNear ? modelHz : hz);
  const seen = resampled(samples, ratio);

  const found: DenoisedFile['pulses'] = [];
  let count = 0;
  /** From samples that the model sees; divided once, so that 302 of 50 MHz are 6.04 us. */
  const seconds = (samplesSeen: number): number => (samplesSeen * ratio.down) / (ratio.up * hz);
  const finder = createPulseFinder(pulses, ({ position, amplitude, width }) => {
    count += 1;
    if (count > MAX_LISTED) return;
    found.push({ position_s: seconds(position), amplitude, width_s: seconds(width) });
  });
  const snr = createSnrEstimate();
  const denoised = new Float32Array(samples.length);
  const back = createResampleBack(inverse(ratio), seen.length, denoised);
  for await (const piece of runWindows(seen, prepared, context)) {
    finder.push(piece);
    snr.push(piece);
    back.push(piece.denoised);
  }
  finder.end();

  const { before, after } = snr.estimate();
  return {
    pulses: found,
    pulse_count: count,
    repetition_rate_hz: (count * hz) / samples.length,
    snr_before_db: before,
    snr_after_db: after,
    sample_rate_hz: hz,
    sample_rate_from: rate?.from ?? 'model',
    resampled: ratio.up !== ratio.down,
    sample_count: samples.length,
    duration_s: samples.length / hz,
    channels,
    plot: await plotOf(samples, denoised, hz),
    denoised,
  };
}
