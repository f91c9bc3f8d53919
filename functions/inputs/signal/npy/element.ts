import { InvalidRequestError } from '../../../runtime/errors.ts';
import { readLongDouble } from './long-double.ts';

/** How to read the elements of one array. */
export interface ElementReader {
  /** Bytes of an element. */
  readonly size: number;
  /** @param offset In bytes, from the first element. */
  readonly read: (offset: number) => number;
}

type Read = (view: DataView, offset: number, littleEndian: boolean) => number;

/** 2 to the 32. */
const WORD = 4_294_967_296;

/** numpy's kinds of real numbers: boolean, signed, unsigned, floating. */
const READERS: Readonly<Record<string, Read>> = {
  b1: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
  i1: (view, offset) => view.getInt8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  i8: (view, offset, little) =>
    view.getInt32(little ? offset + 4 : offset, little) * WORD +
    view.getUint32(little ? offset : offset + 4, little),
  u1: (view, offset) => view.getUint8(offset),
  u2: (view, offset, little) => view.getUint16(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  u8: (view, offset, little) =>
    view.getUint32(little ? offset + 4 : offset, little) * WORD +
    view.getUint32(little ? offset : offset + 4, little),
  f2: (view, offset, little) => view.getFloat16(offset, little),
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
  // Long doubles of x86, in as many bytes as the compiler gives them.
  f12: readLongDouble,
  f16: readLongDouble,
};

const REFUSED: Readonly<Record<string, string>> = {
  c: 'complex numbers; save its real part, its absolute value, or one of each as a channel',
  O: 'Python objects, which are never read; save it as an array of numbers',
  S: 'text; save it as an array of numbers',
  U: 'text; save it as an array of numbers',
  a: 'text; save it as an array of numbers',
  V: 'records of raw bytes; save it as an array of numbers',
  M: 'dates; save it as an array of numbers',
  m: 'time spans; save it as an array of numbers',
};

/**
 * How to read elements of the type that numpy calls `descr`.
 * @throws {InvalidRequestError} When they are not real numbers.
 */
export function createReadElement(descr: string, data: Buffer): ElementReader {
  const match = /^([<>=|])?([A-Za-z?])(\d{0,9})/.exec(descr);
  const [, order, kind = '', digits = ''] = match ?? [];
  const refused = REFUSED[kind];
  if (refused !== undefined) throw new InvalidRequestError(`The NPY file has ${refused}`);
  const type = kind === '?' ? 'b1' : `${kind}${digits}`;
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined || match?.[0] !== descr) {
    throw new InvalidRequestError('The NPY file has elements of a type that numpy does not write');
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = order !== '>';
  return {
    size: kind === '?' ? 1 : Number(digits),
    read: (offset) => read(view, offset, little),
  };
}
