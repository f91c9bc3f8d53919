import { defineEndpoint } from '../endpoint.ts';
import type { PredictContext } from '../predict-context.ts';
import { readRecording } from '../inputs/signal/read-recording.ts';
import type { Recording } from '../inputs/signal/recording.ts';
import { readText } from '../inputs/signal/text/read-text.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import { denoiseSignal } from './denoise.ts';
import { fileForm, rawFile, rawText } from './forms.ts';
import { denoisedFile, signalFile, signalOptions, signalText } from './request.ts';
import type { DenoisedFile, SignalOptions } from './request.ts';
import { SHORT_SIGNAL, sampleFile, sampleText } from './samples.ts';
import { writeCsv, writeJson, writeNpy } from './write-answer.ts';

/** Ten million samples of 32 bits, and some. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const produces = {
  'application/json': writeJson,
  'text/csv': writeCsv,
  'application/x-npy': writeNpy,
};

/** `POST /test`: a signal as a file. */
export const testFile = defineEndpoint({
  path: '/test',
  description:
    'Takes the interference out of a signal file (CSV, TXT, NPY, WAV) and finds its pulses',
  maxBodyBytes: MAX_FILE_BYTES,
  request: signalFile,
  response: denoisedFile,
  example: { file: Buffer.from(SHORT_SIGNAL.join('\n')).toString('base64') },
  sample: sampleFile,
  options: signalOptions,
  forms: [rawFile, fileForm],
  async predict({ file }, context) {
    const { channel } = context.options;
    const recording = await readRecording(file, { textLayout: 'table', channel });
    return await denoiseRecording(recording, context);
  },
  produces,
});

/** `POST /test-text`: a signal as numbers that were pasted. */
export const testText = defineEndpoint({
  path: '/test-text',
  description: 'Takes the interference out of pasted numbers and finds their pulses',
  maxBodyBytes: MAX_FILE_BYTES,
  request: signalText,
  response: denoisedFile,
  example: { text: SHORT_SIGNAL.join('; ') },
  sample: sampleText,
  options: signalOptions,
  forms: [rawText],
  async predict({ text }, context) {
    const { channel } = context.options;
    const recording = await readText(text, { textLayout: 'sequence', channel });
    return await denoiseRecording(recording, context);
  },
  produces,
});

async function denoiseRecording(
  { channels, channel, rate }: Recording,
  context: PredictContext<SignalOptions>,
): Promise<DenoisedFile> {
  const { channel: number, sample_rate: asked } = context.options;
  if (number >= channels) {
    throw new InvalidRequestError(
      channels === 1
        ? 'There is one channel: its number is 0'
        : `There are ${channels} channels: their numbers are 0 to ${channels - 1}`,
    );
  }
  const known = asked === undefined ? rate : { hz: asked, from: 'request' as const };
  return await denoiseSignal(
    { samples: channel(number), channels, ...(known === undefined ? {} : { rate: known }) },
    context,
  );
}
