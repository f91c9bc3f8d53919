import { InvalidRequestError } from '../../../runtime/errors.ts';
import { TYPED_ARRAYS, elementCount } from '../../../runtime/tensor.ts';
import type { Datatype, Tensor, TensorData } from '../../../runtime/tensor.ts';
import type { RequestInput } from './schema.ts';

const INTEGER_RANGES: Readonly<Partial<Record<Datatype, readonly [number, number]>>> = {
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/**
 * The tensor that an input's JSON `data` holds: flat, or nested as its shape says.
 * @throws {InvalidRequestError} When elements are missing, too many, of another type or out of range.
 */
export function readTensor(input: RequestInput): Tensor {
  const { name, datatype, shape, data } = input;
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw new InvalidRequestError(
      `Input "${name}": ${datatype} has no JSON form: send it by the binary tensor data extension`,
    );
  }
  if (!Array.isArray(data)) throw new InvalidRequestError(`Input "${name}" has no list "data"`);
  const elements = flatten(name, data, shape);
  return { datatype, shape, data: convert(name, datatype, elements) };
}

/** Elements in row-major order, in number what `shape` says. */
function flatten(name: string, data: unknown[], shape: readonly number[]): unknown[] {
  const expected = elementCount(shape);
  const nested = Array.isArray(data[0]);
  const elements: unknown[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (depth === shape.length) {
      elements.push(value);
      return;
    }
    // The shape bounds both depth and width, so hostile nesting goes no further than it.
    if (!Array.isArray(value) || value.length !== shape[depth]) throw misshapen(name, shape);
    for (const part of value) visit(part, depth + 1);
  };
  if (nested) visit(data, 0);
  else if (data.length !== expected) throw misshapen(name, shape);
  return nested ? elements : data;
}

function misshapen(name: string, shape: readonly number[]): InvalidRequestError {
  return new InvalidRequestError(
    `Input "${name}": "data" does not have the shape [${shape.join(',')}], flat or nested`,
  );
}

function convert(name: string, datatype: Datatype, elements: readonly unknown[]): TensorData {
  const wrong = (index: number, what: string): InvalidRequestError =>
    new InvalidRequestError(`Input "${name}": element ${index} is not ${what}`);
  if (datatype === 'BYTES') {
    const index = elements.findIndex((element) => typeof element !== 'string');
    if (index !== -1) throw wrong(index, 'a string');
    return elements as string[];
  }
  const array = new TYPED_ARRAYS[datatype](elements.length);
  const range = INTEGER_RANGES[datatype];
  for (const [index, element] of elements.entries()) {
    const value = datatype === 'BOOL' && typeof element === 'boolean' ? Number(element) : element;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(index, 'a finite number');
    if (datatype === 'BOOL' && value !== 0 && value !== 1) throw wrong(index, 'a boolean');
    if (
      range !== undefined &&
      !(Number.isInteger(value) && value >= range[0] && value <= range[1])
    ) {
      throw wrong(index, `a whole number of ${datatype} (beyond 2^53: use the binary extension)`);
    }
    if (datatype === 'FP32' && !Number.isFinite(Math.fround(value)))
      throw wrong(index, 'in FP32’s range');
    if (array instanceof BigInt64Array || array instanceof BigUint64Array)
      array[index] = BigInt(value);
    else array[index] = value;
  }
  return array;
}
