/** Element types of ONNX, by their number in the file. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const ELEMENT_TYPES = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
] as const;

/** The name of an element type, `type 99` for one that is not known here. */
export function elementTypeName(number: number): string {
  return ELEMENT_TYPES[number] ?? `type ${number}`;
}

/** A size, the name of an axis that varies, or undefined for one that varies and has no name. */
export type Axis = number | string | undefined;

/** What an input or output is; `shape` is undefined when the file does not even say how many axes it has. */
export type ValueType =
  | {
      readonly kind: 'tensor';
      readonly element: string;
      readonly shape: readonly Axis[] | undefined;
    }
  | { readonly kind: 'other'; readonly description: string };

/** An input or output of the graph. */
export interface GraphValue {
  readonly name: string;
  readonly type: ValueType;
}

/** What an ONNX file says of itself. */
export interface OnnxModel {
  /** Version of the file format. */
  readonly irVersion: number;
  /** The exporter, with its version where it has one. */
  readonly producer: string;
  /** Operator sets by their domain; ONNX's own is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** How often each operator occurs, subgraphs included; with its domain before a colon unless that is ''. */
  readonly operators: ReadonlyMap<string, number>;
  /** Elements of all weights. */
  readonly parameters: number;
  /** Files beside this one that hold weights. */
  readonly externalFiles: readonly string[];
}
