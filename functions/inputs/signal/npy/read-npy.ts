import { InvalidRequestError } from '../../../runtime/errors.ts';
import { checkSize, samplesOf } from '../recording.ts';
import type { Recording } from '../recording.ts';
import { createReadElement } from './element.ts';
import { readNpyHeader } from './header.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** Whether the bytes are an NPY file, by the first of them. */
export function isNpy(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * An NPY file of one or two dimensions, as numpy writes it: real numbers of any size and byte order, row by row or
 * column by column, versions 1.0 to 3.0. Of two dimensions the longer one is time, of equal ones the first.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws {InvalidRequestError} When it is anything else, damaged, cut off, or has bytes left over.
 */
export function readNpy(bytes: Buffer): Recording {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(bytes, MAGIC.length);
  if (shape.length < 1 || shape.length > 2) {
    throw new InvalidRequestError(
      `The NPY file has ${shape.length} dimensions; one or two are read`,
    );
  }
  const data = bytes.subarray(dataOffset);
  const { size, read } = createReadElement(descr, data);
  const [rows = 0, columns = 1] = shape;
  // Both are below 2 to the 53, so a product that is too large stays too large.
  if (rows * columns * size !== data.length) {
    throw new InvalidRequestError(
      `The NPY file has ${data.length} bytes of data where its header says ${rows * columns * size}`,
    );
  }
  const timeIsRows = shape.length === 1 || rows >= columns;
  const [samples, channels] = timeIsRows ? [rows, columns] : [columns, rows];
  checkSize(samples, channels);
  // How many elements further the next sample and the next channel are.
  const next = timeIsRows === fortranOrder ? { sample: 1, channel: samples } : undefined;
  const { sample, channel } = next ?? { sample: channels, channel: 1 };
  return {
    format: 'npy',
    channels,
    channel: (number) =>
      samplesOf(samples, (index) => read((index * sample + number * channel) * size)),
  };
}
