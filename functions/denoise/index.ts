import { defineModel } from '../define-model.ts';
import { denoiseSignal } from './denoise.ts';
import { testFile, testText } from './endpoints.ts';
import { shortened } from './numbers.ts';
import { prepare } from './prepare.ts';
import { denoisedSignal, signalInstance } from './request.ts';
import { SHORT_SIGNAL, sampleInstance } from './samples.ts';
import { samplesOf } from '../inputs/signal/recording.ts';

/** Signals of partial discharges without the interference in them, and the pulses that are left: a UNet. */
export const denoise = defineModel({
  name: 'denoise',
  request: signalInstance,
  response: denoisedSignal,
  example: { signal: SHORT_SIGNAL, sample_rate: 50_000_000 },
  sample: sampleInstance,
  endpoints: [testFile, testText],
  prepare: (model) => void prepare(model),
  async predict({ signal, sample_rate: hz }, context) {
    const answer = await denoiseSignal(
      {
        samples: samplesOf(signal.length, (index) => signal[index] ?? 0),
        channels: 1,
        ...(hz === undefined ? {} : { rate: { hz, from: 'request' } }),
      },
      context,
    );
    return { ...answer, denoised: Array.from(answer.denoised, shortened) };
  },
});
