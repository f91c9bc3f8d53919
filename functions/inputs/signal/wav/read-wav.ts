import { InvalidRequestError } from '../../../runtime/errors.ts';
import { checkSize, samplesOf } from '../recording.ts';
import type { Recording } from '../recording.ts';
import { readChunks } from './chunks.ts';
import { readWavFormat } from './format.ts';

/** Whether the bytes are a WAV file, by the first of them; also of the kinds that are not read. */
export function isWav(bytes: Buffer): boolean {
  const kind = bytes.toString('latin1', 0, 4);
  return ['RIFF', 'RIFX', 'RF64'].includes(kind) && bytes.toString('latin1', 8, 12) === 'WAVE';
}

/**
 * A WAV file: PCM of 8 to 32 bits or floats of 32 or 64, plain or extensible, any number of channels. Integers
 * become numbers from -1 to 1, full scale, as audio programs show them.
 * @throws {InvalidRequestError} When it is anything else, damaged or cut off.
 */
export function readWav(bytes: Buffer): Recording {
  const { format, data } = readChunks(bytes);
  const { channels, rateHz, sampleBytes, readSample } = readWavFormat(format);
  const frameBytes = channels * sampleBytes;
  if (data.length % frameBytes !== 0) {
    throw new InvalidRequestError(
      `The WAV file has ${data.length} bytes of samples, which are no whole frames of ${frameBytes}`,
    );
  }
  const frames = data.length / frameBytes;
  checkSize(frames, channels);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    format: 'wav',
    channels,
    rate: { hz: rateHz, from: 'header' },
    channel: (number) =>
      samplesOf(frames, (index) => readSample(view, index * frameBytes + number * sampleBytes)),
  };
}
