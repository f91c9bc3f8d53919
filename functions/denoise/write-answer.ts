import type { WriteContext } from '../endpoint.ts';
import { shortened } from './numbers.ts';
import type { DenoisedFile, SignalOptions } from './request.ts';

/** Samples in a piece of an answer; some 64 KiB of text. */
const BLOCK = 4096;

/** JSON as any other answer, but the samples come piece by piece: ten millions are too long for one string. */
export async function* writeJson(
  { denoised, ...summary }: DenoisedFile,
  { envelope, options }: WriteContext<SignalOptions>,
): AsyncGenerator<Uint8Array> {
  const head = JSON.stringify({ ...summary, ...envelope });
  if (!options.samples) {
    yield Buffer.from(head);
    return;
  }
  yield Buffer.from(`${head.slice(0, -1)},"denoised":[`);
  for (let start = 0; start < denoised.length; start += BLOCK) {
    const numbers = Array.from(denoised.subarray(start, start + BLOCK), shortened).join();
    yield Buffer.from(start === 0 ? numbers : `,${numbers}`);
  }
  yield Buffer.from(']}');
}

/** Two columns: seconds from the first sample, and the signal without interference. */
export async function* writeCsv({
  denoised,
  sample_rate_hz: rate,
}: DenoisedFile): AsyncGenerator<Uint8Array> {
  yield Buffer.from('time_s,denoised\n');
  for (let start = 0; start < denoised.length; start += BLOCK) {
    const lines = Array.from(denoised.subarray(start, start + BLOCK), (value, index) => {
      // The last digits of a division are not worth their bytes.
      const seconds = Number(((start + index) / rate).toPrecision(12));
      return `${seconds},${shortened(value)}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

/** An NPY file of one dimension, 32-bit floats, as `numpy.save` writes it. */
export async function* writeNpy({ denoised }: DenoisedFile): AsyncGenerator<Uint8Array> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${denoised.length},), }`;
  // Magic, version and length are 10 bytes; what follows begins at a multiple of 64.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(length, 8);
  yield Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')]);
  const bytes = new Uint8Array(denoised.buffer, denoised.byteOffset, denoised.byteLength);
  for (let start = 0; start < bytes.length; start += BLOCK * 16) {
    yield bytes.subarray(start, start + BLOCK * 16);
  }
}
