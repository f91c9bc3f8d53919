/** One field of a protobuf message, encoded. https://protobuf.dev/programming-guides/encoding/ */
export type Field = Buffer;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A whole number, not negative. */
export function whole(field: number, value: number): Field {
  return Buffer.concat([tag(field, VARINT), varint(value)]);
}

/** Text, bytes, or a message made of its fields. */
export function bytes(field: number, value: string | Uint8Array | readonly Field[]): Field {
  const content =
    typeof value === 'string'
      ? Buffer.from(value)
      : value instanceof Uint8Array
        ? value
        : Buffer.concat(value);
  return Buffer.concat([tag(field, LENGTH_DELIMITED), varint(content.length), content]);
}

function tag(field: number, type: number): Buffer {
  return varint(field * 8 + type);
}

function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Buffer.from([...digits, rest]);
}
