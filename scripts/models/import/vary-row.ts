import { TYPED_ARRAYS } from '../../../functions/runtime/tensor.ts';
import type { Tensor, TensorData, TensorMap } from '../../../functions/runtime/tensor.ts';
import { numbersOf } from './close.ts';
import { seededRandom } from './make-inputs.ts';

/** Rows of very different size: what one of them does to a common scale shows in the others. */
const SCALES = [1, 100, 0.01, -3, 10];

/**
 * Another row like this one: numbers moved on and scaled, whole numbers drawn from the range that the row
 * has, texts moved on. The model need not accept it.
 */
export function varyRow(row: TensorMap, variation: number): TensorMap {
  const random = seededRandom(variation);
  return Object.fromEntries(
    Object.entries(row).map(([name, tensor]) => [
      name,
      { ...tensor, data: varied(tensor, variation, random) },
    ]),
  );
}

function varied(tensor: Tensor, variation: number, random: () => number): TensorData {
  const values = numbersOf(tensor);
  const moved = values.map((_, index) => values[(index + variation) % values.length]);
  const { datatype } = tensor;
  switch (datatype) {
    case 'BYTES': {
      // A single text has nowhere to move to.
      const isSame = moved.every((text, index) => text === values[index]);
      return isSame ? values.map((text) => `${text} ${variation}`) : moved.map(String);
    }
    case 'BOOL':
      return Uint8Array.from(values, () => Math.floor(2 * random()));
    case 'FP16':
    case 'FP32':
    case 'FP64': {
      const scale = SCALES[variation % SCALES.length] ?? 1;
      // Half floats end at 65,504.
      const factor = datatype === 'FP16' ? Math.sign(scale) * Math.min(Math.abs(scale), 4) : scale;
      const scaled = moved.map((value) => factor * (Number(value) + variation / 16));
      if (datatype === 'FP16') return new Uint16Array(Float16Array.from(scaled).buffer);
      return new TYPED_ARRAYS[datatype](scaled);
    }
    case 'INT64':
    case 'UINT64':
      return new TYPED_ARRAYS[datatype](
        inRange(values, variation, random).map((value) => BigInt(value)),
      );
    default:
      return new TYPED_ARRAYS[datatype](inRange(values, variation, random));
  }
}

/**
 * As many whole numbers between the lowest and the highest of `values`, and a few beyond: a single one has no
 * range. Rows with numbers that the model does not know fail, and are left out.
 */
function inRange(
  values: readonly (number | bigint | string)[],
  variation: number,
  random: () => number,
): number[] {
  const numbers = values.map(Number);
  const lowest = numbers.reduce((least, value) => Math.min(least, value), 0);
  const highest = numbers.reduce((most, value) => Math.max(most, value), 0) + variation;
  return numbers.map(() => lowest + Math.floor(random() * (highest - lowest + 1)));
}
