import type { Tensor, TensorMap } from '../../../functions/runtime/tensor.ts';

/**
 * What rounding may change in a row when others are computed beside it, as a part of the row's largest
 * number: kernels add up in another order. Whole numbers, texts and booleans may not change at all.
 */
const ROUNDING: Readonly<Partial<Record<Tensor['datatype'], number>>> = {
  FP16: 1e-2,
  FP32: 1e-4,
  FP64: 1e-9,
};

/** The name of the first output that differs by more than rounding; undefined when none does. */
export function differingOutput(ours: TensorMap, theirs: TensorMap): string | undefined {
  return Object.keys(theirs).find((name) => !isClose(ours[name], theirs[name] as Tensor));
}

function isClose(ours: Tensor | undefined, theirs: Tensor): boolean {
  if (ours === undefined || ours.datatype !== theirs.datatype) return false;
  if (ours.shape.join() !== theirs.shape.join()) return false;
  const [a, b] = [numbersOf(ours), numbersOf(theirs)];
  const part = ROUNDING[theirs.datatype];
  if (part === undefined) return b.every((value, index) => value === a[index]);
  const finite = (b as number[]).filter(Number.isFinite);
  const allowed = part * finite.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return b.every((value, index) => {
    // NaN and the infinities are the same or not.
    if (Object.is(value, a[index])) return true;
    return Math.abs(Number(value) - Number(a[index])) <= allowed;
  });
}

/** The elements as JavaScript compares them. */
export function numbersOf({ datatype, data }: Tensor): (number | bigint | string)[] {
  if (datatype === 'FP16' && data instanceof Uint16Array) {
    return Array.from(new Float16Array(data.buffer, data.byteOffset, data.length));
  }
  return Array.from(data as ArrayLike<number | bigint | string>);
}
