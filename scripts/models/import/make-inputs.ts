import { TYPED_ARRAYS, elementCount } from '../../../functions/runtime/tensor.ts';
import type { Tensor, TensorData, TensorMap } from '../../../functions/runtime/tensor.ts';
import type { Axis } from '../onnx/onnx-model.ts';
import type { TensorValue } from './tensor-values.ts';

/** What made-up inputs look like. */
export interface InputPlan {
  /** Size of every first axis that varies. */
  readonly rows: number;
  /** Size of every other axis that varies. */
  readonly length: number;
  /** Whole numbers are below this. */
  readonly limit: number;
  /** The same seed gives the same numbers. */
  readonly seed: number;
  /** Real numbers are between 0 and this. @default 1 */
  readonly scale?: number;
}

/** Made-up tensors for a model's inputs; the same plan gives the same ones on every machine. */
export function makeInputs(inputs: readonly TensorValue[], plan: InputPlan): TensorMap {
  const random = seededRandom(plan.seed);
  return Object.fromEntries(
    inputs.map((input) => [input.name, makeTensor(input, plan, random)] as const),
  );
}

function makeTensor(
  { datatype, axes }: TensorValue,
  plan: InputPlan,
  random: () => number,
): Tensor {
  const shape = axes.map((axis, index) => sizeOf(axis, index, plan));
  const count = elementCount(shape);
  return { datatype, shape, data: makeData(datatype, count, plan, random) };
}

function sizeOf(axis: Axis, index: number, { rows, length }: InputPlan): number {
  if (typeof axis === 'number') return axis;
  return index === 0 ? rows : length;
}

const WORDS = ['red', 'green', 'blue', 'yes', 'no', 'one', 'two', 'a', 'b', 'Ünï'];

function makeData(
  datatype: Tensor['datatype'],
  count: number,
  { limit, scale = 1 }: InputPlan,
  random: () => number,
): TensorData {
  const whole = (below: number): number => Math.floor(random() * below);
  const many = <T>(make: () => T): T[] => Array.from({ length: count }, make);
  switch (datatype) {
    case 'BYTES':
      return many(() => WORDS[whole(WORDS.length)] ?? '');
    case 'BOOL':
      return Uint8Array.from(many(() => whole(2)));
    case 'FP16':
      return new Uint16Array(Float16Array.from(many(() => scale * random())).buffer);
    case 'FP32':
    case 'FP64':
      return new TYPED_ARRAYS[datatype](many(() => scale * random()));
    case 'INT64':
    case 'UINT64':
      return new TYPED_ARRAYS[datatype](many(() => BigInt(whole(limit))));
    default:
      return new TYPED_ARRAYS[datatype](many(() => whole(limit)));
  }
}

/**
 * Numbers from 0 to below 1: mulberry32, whose seeds may be close to each other.
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
