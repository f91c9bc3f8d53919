import { TYPED_ARRAYS, elementCount } from '../../functions/runtime/tensor.ts';
import type { Tensor, TensorData, TensorMap } from '../../functions/runtime/tensor.ts';
import type { Session } from './loaded-model.ts';
import type { GoldenFile } from './package-schema.ts';

/** One case of a golden file. */
export type GoldenCase = GoldenFile['cases'][number];

type GoldenTensor = GoldenCase['inputs'][number];

/** How far one output is from the original framework's. */
export interface OutputDifference {
  readonly output: string;
  /** |ours − theirs| where it is largest; `Infinity` when shape, datatype or a non-number differs. */
  readonly largestDifference: number;
  readonly withinTolerance: boolean;
}

/** Runs one case and compares every output that it lists. Rejects with what the session throws. */
export async function compareGolden(
  session: Pick<Session, 'run'>,
  golden: GoldenCase,
  tolerance: GoldenFile['tolerance'],
): Promise<readonly OutputDifference[]> {
  const inputs = Object.fromEntries(golden.inputs.map((tensor) => [tensor.name, toTensor(tensor)]));
  const outputs: TensorMap = await session.run(inputs);
  return golden.outputs.map((theirs) => compare(outputs[theirs.name], theirs, tolerance));
}

/**
 * A golden file's tensor as the session takes it.
 * @throws {RangeError} When the number of values is not the product of the shape.
 * @throws {TypeError} When a value is not of the datatype.
 */
export function toTensor({ name, datatype, shape, data }: GoldenTensor): Tensor {
  if (data.length !== elementCount(shape)) {
    throw new RangeError(
      `golden tensor "${name}" has ${data.length} values for [${shape.join(', ')}]`,
    );
  }
  return { datatype, shape, data: toData(name, datatype, data) };
}

/** What JSON has no number for: whole numbers beyond 2^53, and what is not finite. */
function isNumberText(datatype: Tensor['datatype'], text: string): boolean {
  return datatype.endsWith('INT64') ? /^-?\d+$/.test(text) : /^(?:NaN|-?Infinity)$/.test(text);
}

function toData(
  name: string,
  datatype: Tensor['datatype'],
  values: GoldenTensor['data'],
): TensorData {
  if (datatype === 'BYTES') return values.map(String);
  if (values.some((value) => typeof value === 'string' && !isNumberText(datatype, value))) {
    throw new TypeError(`golden tensor "${name}" is ${datatype} and holds a string`);
  }
  if (datatype === 'INT64') return BigInt64Array.from(values, (value) => BigInt(value));
  if (datatype === 'UINT64') return BigUint64Array.from(values, (value) => BigInt(value));
  if (datatype === 'FP16')
    return Uint16Array.from(new Uint16Array(Float16Array.from(values, Number).buffer));
  return new TYPED_ARRAYS[datatype](values.map(Number));
}

function compare(
  ours: Tensor | undefined,
  theirs: GoldenTensor,
  { absolute, relative }: GoldenFile['tolerance'],
): OutputDifference {
  const sameForm =
    ours !== undefined &&
    ours.datatype === theirs.datatype &&
    ours.shape.join() === theirs.shape.join() &&
    ours.data.length === theirs.data.length;
  if (!sameForm) {
    return { output: theirs.name, largestDifference: Infinity, withinTolerance: false };
  }
  let largestDifference = 0;
  let withinTolerance = true;
  const values = numbersOf(ours);
  for (const [index, expected] of theirs.data.entries()) {
    const difference = distance(values[index], expected);
    largestDifference = Math.max(largestDifference, difference);
    const size = Math.abs(Number(expected));
    const scale = Number.isFinite(size) ? size : 0;
    if (difference > absolute + relative * scale) withinTolerance = false;
  }
  return { output: theirs.name, largestDifference, withinTolerance };
}

/** FP16 as numbers; everything else as it is. */
function numbersOf({ datatype, data }: Tensor): ArrayLike<number | bigint | string> {
  return datatype === 'FP16' && data instanceof Uint16Array
    ? new Float16Array(data.buffer, data.byteOffset, data.length)
    : data;
}

function distance(
  ours: number | bigint | string | undefined,
  theirs: number | string | boolean,
): number {
  if (ours === theirs) return 0;
  if (typeof ours === 'string') return Infinity;
  // A text that stands for a number.
  if (typeof theirs === 'string' && String(ours) === theirs) return 0;
  const difference = Math.abs(Number(ours) - Number(theirs));
  return Number.isNaN(difference) ? Infinity : difference;
}
