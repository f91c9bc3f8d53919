import { TYPED_ARRAYS } from '../../runtime/tensor.ts';
import type { Tensor, TensorData, TensorMap } from '../../runtime/tensor.ts';

/** Bytes that the elements take; strings count their UTF-16 length. */
export function byteSize(tensors: TensorMap): number {
  let bytes = 0;
  for (const { data } of Object.values(tensors)) {
    if (ArrayBuffer.isView(data)) bytes += data.byteLength;
    else for (const text of data) bytes += 2 * text.length;
  }
  return bytes;
}

/** Equal for tensors that may be joined along their first axis: same names, datatypes and row shapes. */
export function rowSignature(tensors: TensorMap): string {
  let signature = '';
  for (const name of Object.keys(tensors).toSorted()) {
    const { datatype, shape } = tensors[name] as Tensor;
    signature += `|${name}:${datatype}`;
    for (let axis = 1; axis < shape.length; axis += 1) signature += `:${shape[axis]}`;
  }
  return signature;
}

/** Joins tensors of one signature along the first axis, in the order given. A single part is not copied. */
export function joinRows(parts: readonly TensorMap[]): TensorMap {
  const [first, ...rest] = parts;
  if (first === undefined) throw new RangeError('Cannot join no tensors');
  if (rest.length === 0) return first;
  return mapTensors(first, (name) => joinTensors(parts.map((part) => part[name] as Tensor)));
}

/** Rows `start` to `end` (not included) of every tensor. Typed arrays are views, not copies. */
export function sliceRows(tensors: TensorMap, start: number, end: number): TensorMap {
  return mapTensors(tensors, (_, { datatype, shape, data }) => {
    const [rows = 0, ...row] = shape;
    const perRow = rows === 0 ? 0 : data.length / rows;
    const [from, to] = [start * perRow, end * perRow];
    return {
      datatype,
      shape: [end - start, ...row],
      data: ArrayBuffer.isView(data) ? data.subarray(from, to) : data.slice(from, to),
    };
  });
}

function mapTensors(
  tensors: TensorMap,
  change: (name: string, tensor: Tensor) => Tensor,
): TensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, change(name, tensor)]),
  );
}

function joinTensors(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as [Tensor];
  const shape = [
    tensors.reduce((rows, tensor) => rows + (tensor.shape[0] ?? 0), 0),
    ...first.shape.slice(1),
  ];
  if (first.datatype === 'BYTES') {
    return { ...first, shape, data: tensors.flatMap(({ data }) => data as readonly string[]) };
  }
  const length = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const data = new TYPED_ARRAYS[first.datatype](length);
  let offset = 0;
  for (const tensor of tensors) {
    // One signature, so one array type; TypeScript cannot see that the pairs match.
    (data as Float32Array).set(tensor.data as Float32Array, offset);
    offset += tensor.data.length;
  }
  return { ...first, shape, data: data as TensorData };
}
