import { InvalidRequestError } from '../../../runtime/errors.ts';
import { TYPED_ARRAYS, elementCount } from '../../../runtime/tensor.ts';
import type { Datatype, Tensor, TensorData } from '../../../runtime/tensor.ts';
import { checkText } from './check-text.ts';

/** Datatypes with a JSON form, see {@link requireJsonForm}. */
export type JsonDatatype = Exclude<Datatype, 'FP16'>;

/** A tensor as JSON carries it. */
export interface JsonTensor {
  readonly name: string;
  readonly datatype: JsonDatatype;
  readonly shape: readonly number[];
  /** Flat, or nested as the shape says; a scalar may stand by itself. */
  readonly data?: unknown;
  /** When it is a part of a longer list: how many elements come before, and the shape of the whole. */
  readonly partOf?: { readonly offset: number; readonly shape: readonly number[] };
}

type Elements = readonly unknown[];
type Fault = (index: number, what: string) => InvalidRequestError;

const INTEGER_RANGES = {
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
} as const;

const WIDE_RANGES = {
  UINT64: [0n, 2n ** 64n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Whole numbers beyond 2^53 come as digits in a string, see `exact-integers.ts`. */
const DIGITS = /^-?\d{1,20}$/;

/**
 * The tensor that JSON `data` holds.
 * @throws {InvalidRequestError} When elements are missing, too many, of another type or out of range.
 */
export function readJsonTensor(input: JsonTensor): Tensor {
  const { name, datatype, shape, data, partOf } = input;
  const list = shape.length === 0 && data !== undefined && !Array.isArray(data) ? [data] : data;
  if (!Array.isArray(list)) throw new InvalidRequestError(`Input "${name}" has no list "data"`);
  const elements = flatten(input, list);
  const fault: Fault = (index, what) =>
    new InvalidRequestError(
      `Input "${name}": element ${index + (partOf?.offset ?? 0)} is not ${what}`,
    );
  return { datatype, shape, data: convert(datatype, elements, fault) };
}

/**
 * Refuses the datatypes that JSON does not carry.
 * @throws {InvalidRequestError} Naming what does.
 */
export function requireJsonForm(
  name: string,
  datatype: Datatype | 'BF16',
): asserts datatype is JsonDatatype {
  if (datatype !== 'FP16' && datatype !== 'BF16') return;
  throw new InvalidRequestError(
    `Input "${name}": ${datatype} has no JSON form: send it by the binary tensor data extension`,
  );
}

/** Elements in row-major order, in number what `shape` says. */
function flatten({ name, shape, partOf }: JsonTensor, data: Elements): Elements {
  const misshapen = (): InvalidRequestError => misshapenData(name, partOf?.shape ?? shape);
  if (!Array.isArray(data[0])) {
    if (data.length !== elementCount(shape)) throw misshapen();
    return data;
  }
  const elements: unknown[] = [];
  const last = shape.length - 1;
  const visit = (value: unknown, depth: number): void => {
    // The shape bounds both depth and width, so hostile nesting goes no further than it.
    if (!Array.isArray(value) || value.length !== shape[depth]) throw misshapen();
    if (depth === last) for (const element of value) elements.push(element);
    else for (const part of value) visit(part, depth + 1);
  };
  if (last >= 0) visit(data, 0);
  else elements.push(data);
  return elements;
}

/** What is wrong with data that is not nested, or not in number, as its shape says. */
export function misshapenData(name: string, shape: readonly number[]): InvalidRequestError {
  return new InvalidRequestError(
    `Input "${name}": "data" does not have the shape [${shape.join(',')}], flat or nested`,
  );
}

function convert(datatype: JsonDatatype, elements: Elements, fault: Fault): TensorData {
  switch (datatype) {
    case 'BYTES':
      return readTexts(elements, fault);
    case 'BOOL':
      return readBooleans(elements, fault);
    case 'INT64':
    case 'UINT64':
      return readWideIntegers(datatype, elements, fault);
    case 'FP32':
    case 'FP64':
      return readFloats(datatype, elements, fault);
    default:
      return readIntegers(datatype, elements, fault);
  }
}

function readTexts(elements: Elements, fault: Fault): readonly string[] {
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (typeof element !== 'string') throw fault(index, 'a string');
    checkText(element, (what) => fault(index, what));
  }
  return elements as readonly string[];
}

function readBooleans(elements: Elements, fault: Fault): Uint8Array {
  const array = new Uint8Array(elements.length);
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (element === true || element === 1) array[index] = 1;
    else if (element !== false && element !== 0) throw fault(index, 'a boolean');
  }
  return array;
}

function readFloats(datatype: 'FP32' | 'FP64', elements: Elements, fault: Fault): TensorData {
  const array = new TYPED_ARRAYS[datatype](elements.length);
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (typeof element !== 'number' || !Number.isFinite(element)) {
      throw fault(index, 'a finite number');
    }
    array[index] = element;
    if (!Number.isFinite(array[index])) throw fault(index, 'in FP32’s range');
  }
  return array;
}

function readIntegers(
  datatype: keyof typeof INTEGER_RANGES,
  elements: Elements,
  fault: Fault,
): TensorData {
  const array = new TYPED_ARRAYS[datatype](elements.length);
  const [lowest, highest] = INTEGER_RANGES[datatype];
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    const fits =
      Number.isInteger(element) && Number(element) >= lowest && Number(element) <= highest;
    if (!fits) throw fault(index, `a whole number from ${lowest} to ${highest}`);
    array[index] = Number(element);
  }
  return array;
}

function readWideIntegers(
  datatype: keyof typeof WIDE_RANGES,
  elements: Elements,
  fault: Fault,
): TensorData {
  const array = new TYPED_ARRAYS[datatype](elements.length);
  const [lowest, highest] = WIDE_RANGES[datatype];
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    const exact =
      typeof element === 'string' ? DIGITS.test(element) : Number.isSafeInteger(element);
    const value = exact ? BigInt(element as string | number) : undefined;
    if (value === undefined || value < lowest || value > highest) {
      throw fault(index, `a whole number from ${lowest} to ${highest}, in digits`);
    }
    array[index] = value;
  }
  return array;
}
