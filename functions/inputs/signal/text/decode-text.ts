import { InvalidRequestError } from '../../../runtime/errors.ts';

const UTF16_LE = Buffer.from([0xff, 0xfe]);
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The text with one byte for each sign that numbers are written with: without a byte order mark, from UTF-16 if it is
 * that, with line ends of `\n`, plain minus signs and plain blanks. What is plain already is not copied.
 * @throws {InvalidRequestError} When it has zero bytes: then it is no text.
 */
export function decodeText(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 2).equals(UTF16_LE)) {
    return plain(Buffer.from(bytes.subarray(2).toString('utf16le'), 'utf8'));
  }
  return plain(bytes.subarray(0, 3).equals(UTF8_MARK) ? bytes.subarray(3) : bytes);
}

function plain(bytes: Buffer): Buffer {
  if (bytes.includes(0)) {
    throw new InvalidRequestError('Not a signal that is read here: send CSV, TXT, NPY or WAV');
  }
  const isOld = bytes.includes(0x0d) && !bytes.includes(0x0a);
  const hasSigns = SIGNS.some(([sign]) => bytes.includes(sign));
  if (!isOld && !hasSigns) return bytes;
  let text = bytes.toString('latin1');
  for (const [sign, replacement] of SIGNS) {
    text = text.replaceAll(sign.toString('latin1'), replacement);
  }
  return Buffer.from(isOld ? text.replaceAll('\r', '\n') : text, 'latin1');
}

/** U+2212 (minus), and the blanks U+00A0, U+2009 and U+202F, as UTF-8. */
const SIGNS = (
  [
    ['\u2212', '-'],
    ['\u00a0', ' '],
    ['\u2009', ' '],
    ['\u202f', ' '],
  ] as const
).map(([sign, replacement]) => [Buffer.from(sign, 'utf8'), replacement] as const);
