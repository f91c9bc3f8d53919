import * as z from 'zod';

/**
 * Bytes of a request: in JSON a base64 string, in a form the bytes themselves. The parsed value is a Buffer
 * either way, and never empty.
 *
 * Base64 is that of RFC 4648, section 4, with its padding and nothing else: no blanks, no line ends, no
 * `data:` in front, none of the URL-safe letters.
 * @param description What the bytes are, for OpenAPI.
 */
export function bytes(description: string): z.ZodType<Buffer> {
  return z
    .unknown()
    .transform((value, context) => {
      const read = readBytes(value);
      if (read instanceof Uint8Array) return read;
      context.addIssue(read);
      return z.NEVER;
    })
    .meta({ description, type: 'string', contentEncoding: 'base64' });
}

/** The bytes, or what is wrong with them. */
function readBytes(value: unknown): Buffer | string {
  if (value instanceof Uint8Array) {
    if (value.length === 0) return 'There are no bytes';
    return Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (typeof value !== 'string') return 'Must be a base64 string';
  if (value === '') return 'There are no bytes';
  if (value.startsWith('data:')) return 'Must be base64 alone, without "data:…;base64,"';
  // A search for one bad letter: a pattern for the whole would keep a place per letter to go back to.
  if (/[^A-Za-z0-9+/=]/.test(value))
    return 'Must be base64: there is a letter that it does not have';
  const decoded = Buffer.from(value, 'base64');
  // Node stops at the first "=", takes missing padding and ignores bits that are left over.
  const rest = decoded.length % 3 || 3;
  const sound =
    value.length === 4 * Math.ceil(decoded.length / 3) &&
    decoded.subarray(decoded.length - rest).toString('base64') === value.slice(-4);
  return sound ? decoded : 'Must be base64: its length or its padding is wrong';
}
