import * as z from 'zod';

import { bytes } from '../inputs/bytes.ts';
import { MAX_MAGNITUDE, MAX_SAMPLES, MIN_SAMPLES } from '../inputs/signal/recording.ts';

/** Above every digitiser. */
const MAX_RATE_HZ = 1e12;

const sampleRate = z
  .number()
  .positive()
  .max(MAX_RATE_HZ)
  .describe('Samples per second. Without it: what the file says, else what the model learned with');

/** Not `z.array(z.number())`, which takes a second for a million. */
const samples = z
  .custom<readonly number[]>(
    (value) =>
      Array.isArray(value) &&
      value.length >= MIN_SAMPLES &&
      value.length <= MAX_SAMPLES &&
      value.every((sample) => typeof sample === 'number' && Math.abs(sample) <= MAX_MAGNITUDE),
    { message: `Must be a list of ${MIN_SAMPLES} to ${MAX_SAMPLES} finite numbers` },
  )
  .meta({
    description: 'The samples, one after the other, in any unit',
    type: 'array',
    items: { type: 'number' },
    minItems: MIN_SAMPLES,
    maxItems: MAX_SAMPLES,
  });

const file = bytes(
  'A CSV, TXT, NPY or WAV file, told by its content: one channel, or a table with one in each column',
);

/** One signal: its samples, or a file of which the first channel counts. */
export const signalInstance = z
  .strictObject({
    signal: samples.optional(),
    file: file.optional(),
    sample_rate: sampleRate.optional(),
  })
  .refine((instance) => (instance.signal === undefined) !== (instance.file === undefined), {
    message: 'Must have a signal or a file',
  });

/** One signal. */
export type SignalInstance = z.infer<typeof signalInstance>;

/** A signal as a file. */
export const signalFile = z.strictObject({ file });

/** A signal as numbers that were pasted. The parsed value is UTF-8, so that a body need not become a string. */
export const signalText = z.strictObject({
  text: z
    .unknown()
    .transform((value, context) => {
      if (Buffer.isBuffer(value)) return value;
      if (typeof value === 'string') return Buffer.from(value, 'utf8');
      context.addIssue('Must be a text');
      return z.NEVER;
    })
    .meta({
      description: 'Numbers, with commas, semicolons, bars, tabs, blanks or line ends between them',
      type: 'string',
    }),
});

/** What a caller may choose for a file or a text. */
export const signalOptions = z.object({
  sample_rate: sampleRate.optional(),
  channel: z.int().min(0).default(0).describe('Which channel of the file, from 0'),
  samples: z.boolean().default(true).describe('Whether JSON answers have `denoised`'),
});

/** What a caller may choose for a file or a text. */
export type SignalOptions = z.infer<typeof signalOptions>;

const decibel = z.number().nullable();
const bins = z.array(z.number());

const summary = {
  pulses: z
    .array(
      z.strictObject({
        position_s: z
          .number()
          .min(0)
          .describe('Where its largest value is, in seconds from the first sample'),
        amplitude: z.number().describe('That value, with its sign, in the unit of the signal'),
        width_s: z.number().min(0).describe('From its first to its last value of half that size'),
      }),
    )
    .describe('In the order of their positions; the first 10,000'),
  pulse_count: z.int().min(0).describe('How many pulses there are, listed or not'),
  repetition_rate_hz: z.number().min(0).describe('Pulses per second: their number by `duration_s`'),
  snr_before_db: decibel.describe(
    'Estimated signal-to-noise ratio of what was sent; null when all samples are equal',
  ),
  snr_after_db: decibel.describe('The same of `denoised`'),
  sample_rate_hz: z
    .number()
    .positive()
    .describe('The sampling rate that times are worked out with'),
  sample_rate_from: z
    .enum(['request', 'header', 'time column', 'model'])
    .describe('Who said so: the caller, the file, or nobody, so that it is the rate of the model'),
  resampled: z.boolean().describe('Whether the model saw the signal at another sampling rate'),
  sample_count: z.int().min(1),
  duration_s: z.number().positive(),
  channels: z.int().min(1).describe('How many channels were sent, of which one was denoised'),
  plot: z
    .strictObject({
      step_s: z.number().positive().describe('How much of the signal a bin is, in seconds'),
      input_min: bins,
      input_max: bins,
      denoised_min: bins,
      denoised_max: bins,
    })
    .describe(
      'Enough to draw both signals: the smallest and the largest value of at most 1,000 bins of equal length',
    ),
};

/** What the model makes of a signal. */
export const denoisedSignal = z.strictObject({
  ...summary,
  denoised: bins.describe('The signal without interference, as long as what was sent'),
});

/** The same of a file, which may be too long for a list of numbers. */
export const denoisedFile = z.strictObject({
  ...summary,
  denoised: z.custom<Float32Array>().meta({
    description:
      'The signal without interference, as long as what was sent; not there with `samples` false',
    type: 'array',
    items: { type: 'number' },
  }),
});

/** The same of a file. */
export type DenoisedFile = z.infer<typeof denoisedFile>;
