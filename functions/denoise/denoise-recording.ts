import type { Recording } from '../inputs/signal/recording.ts';
import type { PredictContext } from '../predict-context.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import { denoiseSignal } from './denoise.ts';
import type { DenoisedFile, SignalOptions } from './request.ts';

/**
 * One channel of a recording without interference; the rate that the caller says counts before the file's own.
 * @throws {InvalidRequestError} When there is no such channel, or a sample is not finite.
 */
export async function denoiseRecording(
  { channels, channel, rate }: Recording,
  asked: Pick<SignalOptions, 'channel' | 'sample_rate'>,
  context: Pick<PredictContext<unknown>, 'model' | 'infer' | 'signal'>,
): Promise<DenoisedFile> {
  if (asked.channel >= channels) {
    throw new InvalidRequestError(
      channels === 1
        ? 'There is one channel: its number is 0'
        : `There are ${channels} channels: their numbers are 0 to ${channels - 1}`,
    );
  }
  const known =
    asked.sample_rate === undefined ? rate : { hz: asked.sample_rate, from: 'request' as const };
  return await denoiseSignal(
    { samples: channel(asked.channel), channels, ...(known === undefined ? {} : { rate: known }) },
    context,
  );
}
