/** Whole numbers up to this many digits are exact, and so is one multiplication or division by a small power of ten. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);

const ZERO = 0x30;
const NINE = 0x39;

/**
 * The number that the bytes from `start` to `end` write, as `Number` reads it: an exponent may begin with `e`, `E`,
 * `d` or `D`. NaN when they write none.
 * @param decimal The byte of the decimal sign.
 */
export function parseNumber(bytes: Buffer, start: number, end: number, decimal: number): number {
  let place = start;
  const first = bytes[place];
  const isNegative = first === 0x2d;
  if (isNegative || first === 0x2b) place += 1;
  let mantissa = 0;
  let digits = 0;
  let fraction = 0;
  let isFraction = false;
  for (; place < end; place += 1) {
    const byte = bytes[place] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits += 1;
      if (isFraction) fraction += 1;
    } else if (byte === decimal && !isFraction) {
      isFraction = true;
    } else break;
  }
  if (place === end && digits > 0 && digits <= EXACT_DIGITS) {
    const value = mantissa / (POWERS[fraction] ?? 1);
    return isNegative ? -value : value;
  }
  return parseSlowly(bytes.toString('latin1', start, end), decimal);
}

function parseSlowly(text: string, decimal: number): number {
  const plain = decimal === 0x2c ? text.replace(',', '.') : text;
  // `Number` takes more: nothing at all, hexadecimal, words.
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?$/i.test(plain)) return NaN;
  return Number(plain.replace(/d/i, 'e'));
}
