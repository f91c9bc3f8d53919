import { defineEndpoint } from '../endpoint.ts';
import { readRecording } from '../inputs/signal/read-recording.ts';
import { readText } from '../inputs/signal/text/read-text.ts';
import { denoiseRecording } from './denoise-recording.ts';
import { fileForm, rawFile, rawText } from './forms.ts';
import { denoisedFile, signalFile, signalOptions, signalText } from './request.ts';
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
    return await denoiseRecording(recording, context.options, context);
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
    return await denoiseRecording(recording, context.options, context);
  },
  produces,
});
