import { InvalidRequestError } from '../../../runtime/errors.ts';

/** How the samples of a WAV file are to be read. */
export interface WavFormat {
  readonly channels: number;
  readonly rateHz: number;
  /** Bytes of one sample of one channel, padding included. */
  readonly sampleBytes: number;
  readonly readSample: (view: DataView, offset: number) => number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** The end of the GUIDs that stand for the tags of the plain format. */
const GUID_TAIL = Buffer.from('000000001000800000aa00389b71', 'hex');

/** Integers as numbers from -1 to 1, by the bytes of each; 8 bits have no sign. What has fewer bits is shifted up. */
const PCM_READERS: Readonly<Record<number, WavFormat['readSample']>> = {
  1: (view, offset) => (view.getUint8(offset) - 128) / 2 ** 7,
  2: (view, offset) => view.getInt16(offset, true) / 2 ** 15,
  3: (view, offset) =>
    (view.getUint16(offset, true) + view.getInt8(offset + 2) * 2 ** 16) / 2 ** 23,
  4: (view, offset) => view.getInt32(offset, true) / 2 ** 31,
};

const FLOAT_READERS: Readonly<Record<number, WavFormat['readSample']>> = {
  4: (view, offset) => view.getFloat32(offset, true),
  8: (view, offset) => view.getFloat64(offset, true),
};

/**
 * The chunk "fmt" of a WAV file.
 * https://learn.microsoft.com/windows/win32/api/mmreg/ns-mmreg-waveformatextensible
 * @throws {InvalidRequestError} When it is damaged, or neither PCM nor floats.
 */
export function readWavFormat(chunk: Buffer): WavFormat {
  if (chunk.length < 16) throw refused('its format is cut off');
  const channels = chunk.readUInt16LE(2);
  const rateHz = chunk.readUInt32LE(4);
  const frameBytes = chunk.readUInt16LE(12);
  const bits = chunk.readUInt16LE(14);
  const tag = tagOf(chunk);
  if (channels === 0) throw refused('it has no channel');
  if (rateHz === 0) throw refused('it has a sampling rate of 0');
  const sampleBytes = frameBytes / channels;
  const readers = { [PCM]: PCM_READERS, [FLOAT]: FLOAT_READERS }[tag];
  if (readers === undefined) {
    throw refused(`its samples are of the kind ${tag}; PCM (1) and floats (3) are read`);
  }
  const readSample = readers[sampleBytes];
  if (readSample === undefined || bits === 0 || bits > sampleBytes * 8) {
    throw refused(
      `it has samples of ${bits} bits in frames of ${frameBytes} bytes; PCM of 8 to 32 bits and floats of 32 or 64 are read`,
    );
  }
  return { channels, rateHz, sampleBytes, readSample };
}

function tagOf(chunk: Buffer): number {
  const tag = chunk.readUInt16LE(0);
  if (tag !== EXTENSIBLE) return tag;
  if (chunk.length < 40) throw refused('its format is cut off');
  if (!chunk.subarray(26, 40).equals(GUID_TAIL)) throw refused('its samples are of a private kind');
  return chunk.readUInt16LE(24);
}

function refused(why: string): InvalidRequestError {
  return new InvalidRequestError(`The WAV file cannot be read: ${why}`);
}
