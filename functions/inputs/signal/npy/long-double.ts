import { InvalidRequestError } from '../../../runtime/errors.ts';

/** Bits of the mantissa, and the exponent's bias. */
const MANTISSA_BITS = 64;
const BIAS = 16_383;
const WORD = 4_294_967_296;

/**
 * A number of 80 bits as x86 has it (`numpy.longdouble`), rounded to 64 bits. What pads it is not looked at.
 * Other processors have other long doubles under the same name; most of their values cannot be of this kind.
 * @throws {InvalidRequestError} When it cannot be one.
 */
export function readLongDouble(view: DataView, offset: number, littleEndian: boolean): number {
  if (!littleEndian) throw foreign();
  const low = view.getUint32(offset, true);
  const high = view.getUint32(offset + 4, true);
  const top = view.getUint16(offset + 8, true);
  const sign = top >= 0x8000 ? -1 : 1;
  const exponent = top & 0x7fff;
  // Alone among the kinds of numbers, this one writes the leading 1 of the mantissa down.
  const isNormal = high >= 0x8000_0000;
  if (isNormal !== exponent > 0 && !(exponent === 0 && high === 0 && low === 0)) throw foreign();
  if (exponent === 0x7fff) return high === 0x8000_0000 && low === 0 ? sign * Infinity : NaN;
  const mantissa = high * WORD + low;
  const power = Math.max(exponent, 1) - BIAS - (MANTISSA_BITS - 1);
  // In two steps: either factor alone may be out of range.
  const half = Math.trunc(power / 2);
  return sign * mantissa * 2 ** half * 2 ** (power - half);
}

function foreign(): InvalidRequestError {
  return new InvalidRequestError(
    'The NPY file has long doubles of another processor than x86; save them as float64',
  );
}
