/** Bytes that are no message, or not all of one. */
export class ProtobufError extends Error {
  /** True when the bytes end in the middle of something. */
  readonly isCut: boolean;

  constructor(message: string, isCut: boolean) {
    super(message);
    this.isCut = isCut;
  }
}

/** One field of a message: a number for the wire types 0, 1 and 5, bytes (a view) for type 2. */
export type Field =
  | { readonly number: number; readonly wire: 0 | 1 | 5; readonly value: number }
  | { readonly number: number; readonly wire: 2; readonly bytes: Buffer };

/**
 * The fields of a message, in the order in which they lie there; those of fixed width have the value 0,
 * which nobody here asks for.
 * https://protobuf.dev/programming-guides/encoding/
 * @throws {ProtobufError} When the bytes are no message.
 */
export function* fieldsOf(message: Buffer): Generator<Field> {
  const reader = { message, offset: 0 };
  while (reader.offset < message.length) {
    const tag = varint(reader);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number < 1 || number >= 2 ** 29) throw new ProtobufError(`field number ${number}`, false);
    if (wire === 0) yield { number, wire, value: varint(reader) };
    else if (wire === 1 || wire === 5) {
      take(reader, wire === 1 ? 8 : 4);
      yield { number, wire, value: 0 };
    } else if (wire === 2) yield { number, wire, bytes: take(reader, varint(reader)) };
    else throw new ProtobufError(`wire type ${wire}`, false);
  }
}

/** The numbers of a list of varints that is packed into one field. */
export function* packedVarints(bytes: Buffer): Generator<number> {
  const reader = { message: bytes, offset: 0 };
  while (reader.offset < bytes.length) yield varint(reader);
}

interface Reader {
  readonly message: Buffer;
  offset: number;
}

function take(reader: Reader, length: number): Buffer {
  const { message, offset } = reader;
  if (length < 0) throw new ProtobufError('a negative length', false);
  if (offset + length > message.length) throw new ProtobufError('ends too early', true);
  reader.offset += length;
  return message.subarray(offset, reader.offset);
}

/** Numbers of so many bytes fit into those of JavaScript. */
const SAFE_BYTES = 7;

/** A signed number of 64 bits; beyond 2^53 only its size is right. */
function varint(reader: Reader): number {
  const { message, offset } = reader;
  let value = 0;
  for (let index = 0; index < SAFE_BYTES; index += 1) {
    const byte = message[offset + index];
    if (byte === undefined) throw new ProtobufError('ends too early', true);
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) {
      reader.offset = offset + index + 1;
      return value;
    }
  }
  return longVarint(reader);
}

function longVarint(reader: Reader): number {
  const { message, offset } = reader;
  let value = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = message[offset + index];
    if (byte === undefined) throw new ProtobufError('ends too early', true);
    value |= BigInt(byte & 127) << BigInt(7 * index);
    if (byte < 128) {
      reader.offset = offset + index + 1;
      return Number(BigInt.asIntN(64, value));
    }
  }
  throw new ProtobufError('a number of more than 10 bytes', false);
}
