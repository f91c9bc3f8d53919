import * as z from 'zod';

/** The `preprocessing` of a `model.json` whose model denoises signals window by window. */
export const denoisePreprocessing = z
  .strictObject({
    /** Samples per second of the signals that the network learned from. */
    sample_rate: z.number().positive(),
    /** Signals of up to so many times less or more are resampled; others go in as they are. */
    largest_resampling: z.number().min(1).max(100),
    /** Samples that windows next to each other have in common, where one fades into the other. */
    overlap: z.int().min(0),
    pulses: z.strictObject({
      /** A pulse's height, in standard deviations of the error that the network expects there. */
      threshold: z.number().positive(),
      /** Samples at the model's rate without anything near the height: then a pulse is over. */
      shortest_gap: z.int().min(1),
    }),
  })
  .readonly();

/** The constants of {@link denoisePreprocessing}. */
export type DenoisePreprocessing = z.infer<typeof denoisePreprocessing>;
