import { InvalidRequestError } from '../../../runtime/errors.ts';

/** What an NPY file says of its array. */
export interface NpyHeader {
  /** numpy's name of the element type, like `<f8`. */
  readonly descr: string;
  /** Whether the first index runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly dataOffset: number;
}

/** numpy itself reads no longer ones from strangers. */
const MAX_HEADER_BYTES = 10_000;

/**
 * The header of an NPY file.
 * @param magicLength Where the version stands.
 * @throws {InvalidRequestError} When it is not one.
 */
export function readNpyHeader(bytes: Buffer, magicLength: number): NpyHeader {
  if (bytes.length < magicLength + 6) throw damaged('it ends in its header');
  const major = bytes.readUInt8(magicLength);
  const minor = bytes.readUInt8(magicLength + 1);
  if (major < 1 || major > 3 || minor !== 0) {
    throw damaged(`its version is ${major}.${minor}; 1.0, 2.0 and 3.0 are read`);
  }
  // Version 1.0 has two bytes for the length, the later ones four.
  const lengthBytes = major === 1 ? 2 : 4;
  const length = bytes.readUIntLE(magicLength + 2, lengthBytes);
  const start = magicLength + 2 + lengthBytes;
  if (length > MAX_HEADER_BYTES) throw damaged(`its header has ${length} bytes`);
  if (start + length > bytes.length) throw damaged('it ends in its header');
  const text = bytes.toString(major === 3 ? 'utf8' : 'latin1', start, start + length);
  return { ...parseHeader(text.trim()), dataOffset: start + length };
}

/** The Python literal of a dictionary with exactly three keys, as `numpy.save` writes it. */
function parseHeader(text: string): Omit<NpyHeader, 'dataOffset'> {
  if (!text.startsWith('{') || !text.endsWith('}')) throw damaged('its header is no dictionary');
  const descr = /['"]descr['"]\s*:\s*(?:(['"])([^'"]*)\1|([[(]))/.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (descr === null || order === null || shape === null) {
    throw damaged('its header lacks descr, fortran_order or shape');
  }
  if (descr[3] !== undefined) {
    throw new InvalidRequestError(
      'The NPY file has records of several fields; save one field as a plain array',
    );
  }
  const sizes = (shape[1] ?? '').split(',').map((size) => size.trim().replace(/L$/, ''));
  if (sizes.at(-1) === '') sizes.pop();
  if (sizes.some((size) => !/^\d{1,15}$/.test(size))) throw damaged('its shape is not one');
  return {
    descr: descr[2] ?? '',
    fortranOrder: order[1] === 'True',
    shape: sizes.map(Number),
  };
}

function damaged(why: string): InvalidRequestError {
  return new InvalidRequestError(`The NPY file cannot be read: ${why}`);
}
