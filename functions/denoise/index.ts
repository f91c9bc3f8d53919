import { defineModel } from '../define-model.ts';
import { readRecording } from '../inputs/signal/read-recording.ts';
import { samplesOf } from '../inputs/signal/recording.ts';
import type { Recording } from '../inputs/signal/recording.ts';
import { denoiseRecording } from './denoise-recording.ts';
import { testFile, testText } from './endpoints.ts';
import { rawFile } from './forms.ts';
import { shortened } from './numbers.ts';
import { prepare } from './prepare.ts';
import { denoisedSignal, signalInstance } from './request.ts';
import type { SignalInstance } from './request.ts';
import { SHORT_SIGNAL, sampleInstance } from './samples.ts';

/** Signals of partial discharges without the interference in them, and the pulses that are left: a UNet. */
export const denoise = defineModel({
  name: 'denoise',
  request: signalInstance,
  response: denoisedSignal,
  example: { signal: SHORT_SIGNAL, sample_rate: 50_000_000 },
  sample: sampleInstance,
  forms: [rawFile],
  endpoints: [testFile, testText],
  prepare: (model) => void prepare(model),
  async predict(instance, context) {
    const asked = { channel: 0, sample_rate: instance.sample_rate };
    const answer = await denoiseRecording(await recordingOf(instance), asked, context);
    return { ...answer, denoised: Array.from(answer.denoised, shortened) };
  },
});

async function recordingOf({ signal = [], file }: SignalInstance): Promise<Recording> {
  if (file !== undefined) return await readRecording(file, { textLayout: 'table', channel: 0 });
  const samples = samplesOf(signal.length, (index) => signal[index] ?? 0);
  return { format: 'json', channels: 1, channel: () => samples };
}
