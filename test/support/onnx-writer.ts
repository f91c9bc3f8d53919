/**
 * Writes small ONNX files: as much of the format as fixture models need.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** A value of a graph: an input or output with its datatype and axes; a name is one that varies. */
export interface OnnxValue {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly (number | string)[];
}

/** One operator. An input called '' is left out. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | OnnxGraph>>;
}

/** Numbers that are part of the file. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Int32Array;
}

/** A graph, of a file or of an operator such as `Loop`. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Numbers of the element types. */
const TYPES = { float: 1, int32: 6, int64: 7, bool: 9 } as const;

/** The number of an element type, for `Cast`. */
export function typeNumber(type: keyof typeof TYPES): number {
  return TYPES[type];
}

/** The bytes of a file with this graph, in version 13 of the operators. */
export function onnxFile(graph: OnnxGraph): Buffer {
  return Buffer.concat([
    integer(1, 8),
    text(2, 'pilotlight fixtures'),
    message(7, graphBytes(graph)),
    message(8, integer(2, 13)),
  ]);
}

function graphBytes({ nodes, constants = [], inputs, outputs }: OnnxGraph): Buffer {
  return Buffer.concat([
    ...nodes.map((node) => message(1, nodeBytes(node))),
    text(2, 'graph'),
    ...constants.map((constant) => message(5, constantBytes(constant))),
    ...inputs.map((value) => message(11, valueBytes(value))),
    ...outputs.map((value) => message(12, valueBytes(value))),
  ]);
}

function nodeBytes({ op, inputs, outputs, attributes = {} }: OnnxNode): Buffer {
  const given = Object.entries(attributes).map(([name, value]) =>
    message(
      5,
      typeof value === 'number'
        ? Buffer.concat([text(1, name), integer(3, value), integer(20, 2)])
        : Buffer.concat([text(1, name), message(6, graphBytes(value)), integer(20, 5)]),
    ),
  );
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...given,
  ]);
}

function constantBytes({ name, shape, data }: OnnxConstant): Buffer {
  const type =
    data instanceof Float32Array ? 'float' : data instanceof Int32Array ? 'int32' : 'int64';
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([
    ...shape.map((size) => integer(1, size)),
    integer(2, TYPES[type]),
    text(8, name),
    message(9, raw),
  ]);
}

function valueBytes({ name, type, shape }: OnnxValue): Buffer {
  const axes = shape.map((axis) =>
    message(1, typeof axis === 'number' ? integer(1, axis) : text(2, axis)),
  );
  const tensor = Buffer.concat([integer(1, TYPES[type]), message(2, Buffer.concat(axes))]);
  return Buffer.concat([text(1, name), message(2, message(1, tensor))]);
}

/** https://protobuf.dev/programming-guides/encoding/: a field of variable length. */
function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
