import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import type { GoldenFile } from '../../../models/loader/package-schema.ts';
import { numbersOf } from './close.ts';

/** Tensors as a golden file holds them. */
export function goldenTensors(tensors: TensorMap): GoldenFile['cases'][number]['inputs'] {
  return Object.entries(tensors).map(([name, tensor]) => {
    const { datatype, shape } = tensor;
    return { name, datatype, shape: [...shape], data: numbersOf(tensor).map(jsonOf) };
  });
}

/** JSON has no number for these: they are written as texts, which a golden file may hold for any number. */
function jsonOf(value: number | bigint | string): number | string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return Number.isFinite(value) ? value : String(value);
}
