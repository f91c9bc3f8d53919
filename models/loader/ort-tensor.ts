import type * as ort from 'onnxruntime-node';

import type { Datatype, Tensor } from '../../functions/runtime/tensor.ts';

/** ONNX Runtime's names of the protocol's datatypes. */
const ORT_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Record<Datatype, ort.Tensor.Type>;

const DATATYPES = new Map<string, Datatype>(
  Object.entries(ORT_TYPES).map(([datatype, type]) => [type, datatype as Datatype]),
);

/** The protocol's name of an ONNX Runtime type; undefined for those that the protocol lacks. */
export function datatypeOf(type: string): Datatype | undefined {
  return DATATYPES.get(type);
}

/** The same elements, not copied, as ONNX Runtime takes them. `Constructor` is its `Tensor` class. */
export function toOrtTensor(
  Constructor: typeof ort.Tensor,
  { datatype, data, shape }: Tensor,
): ort.Tensor {
  if (datatype === 'FP16') {
    // The class would make its bits a Float16Array, of which the binding reads no element (1.30, Node 24).
    return Object.assign(new Constructor('uint16', data as Uint16Array, shape), {
      type: ORT_TYPES.FP16,
    });
  }
  // One signature per type in its declarations; the pairs are right by ORT_TYPES and TYPED_ARRAYS.
  return new Constructor(ORT_TYPES[datatype] as 'float32', data as Float32Array, shape);
}

/**
 * The same elements, not copied.
 * @throws {TypeError} When the protocol has no such datatype.
 */
export function fromOrtTensor({ type, dims, data }: ort.Tensor): Tensor {
  const datatype = datatypeOf(type);
  if (datatype === undefined) throw new TypeError(`The runtime gave a tensor of type ${type}`);
  // Half floats travel as their bits.
  const bits =
    datatype === 'FP16' && ArrayBuffer.isView(data)
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : data;
  return { datatype, shape: [...dims], data: bits };
}
