import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Tensor } from '../../functions/runtime/tensor.ts';
import type { ModelManifest } from '../../models/loader/package-schema.ts';
import { onnxFile, typeNumber } from './onnx-writer.ts';
import type { OnnxGraph, OnnxNode } from './onnx-writer.ts';
import { sha256 } from './package-fixture.ts';

/** One row of the troublesome model: a value, and what trouble to make on the way to its double. */
export interface TroublesomeRow {
  readonly value: number;
  /** How many rounds to compute; the run takes as many as its busiest row: 10,000 are some 20 ms. @default 0 */
  readonly rounds?: number;
  /** The run fails with an error of ONNX Runtime. @default false */
  readonly fails?: boolean;
  /** The run ends its process: the lowest integer divided by -1 is none. @default false */
  readonly crashes?: boolean;
}

/** The input `x` for these rows. */
export function troublesomeRows(rows: readonly TroublesomeRow[]): Tensor {
  const data = rows.flatMap(({ value, rounds = 0, fails = false, crashes = false }) => [
    value,
    rounds,
    fails ? 99 : 1,
    crashes ? -1 : 1,
  ]);
  return { datatype: 'FP32', shape: [rows.length, 4], data: Float32Array.from(data) };
}

/** What a package may have of its own. */
export type TroublesomeOptions = Partial<Pick<ModelManifest, 'execution' | 'session' | 'batch'>>;

const WIDTH = 128;

/**
 * Writes the package of a model called `iris` (the function that the tests serve) whose output `y` is twice the
 * first column of `x`, and `z` its negative; the other columns make it slow, fail, or crash.
 * @returns The folder's address for the loader.
 */
export async function writeTroublesomeModel(
  folder: string,
  options: TroublesomeOptions = {},
): Promise<string> {
  const model = onnxFile(troublesomeGraph());
  const golden = Buffer.from(JSON.stringify(goldenOf([{ value: 1.5 }, { value: -2, rounds: 1 }])));
  const files = { 'model.onnx': model, 'golden.json': golden };
  const value = { datatype: 'FP32', shape: ['batch', 1] } as const;
  const manifest = {
    schema_version: 1,
    name: 'iris',
    version: 1,
    task: 'trouble',
    description: 'Doubles a number, with trouble',
    licence: 'Apache-2.0',
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      role: name === 'model.onnx' ? 'model' : 'golden',
      sha256: sha256(bytes),
      size_bytes: bytes.length,
    })),
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [
      { name: 'y', ...value },
      { name: 'z', ...value },
    ],
    batch: { axis: 0, max_rows: 8 },
    execution: 'worker',
    ...options,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest));
  return `file:${folder}`;
}

function goldenOf(rows: readonly TroublesomeRow[]): unknown {
  const { shape, data } = troublesomeRows(rows);
  const output = (name: string, factor: number): unknown => ({
    name,
    datatype: 'FP32',
    shape: [rows.length, 1],
    data: rows.map(({ value }) => factor * value),
  });
  return {
    producer: 'test/support/troublesome-model.ts',
    tolerance: { absolute: 0 },
    cases: [
      {
        inputs: [{ name: 'x', datatype: 'FP32', shape, data: [...(data as Float32Array)] }],
        outputs: [output('y', 2), output('z', -1)],
      },
    ],
  };
}

function troublesomeGraph(): OnnxGraph {
  const column = (index: number, output: string): OnnxNode => ({
    op: 'Gather',
    inputs: ['x', `column${index}`],
    outputs: [output],
    attributes: { axis: 1 },
  });
  const node = (op: string, inputs: string[], output: string, attributes = {}): OnnxNode => ({
    op,
    inputs,
    outputs: [output],
    attributes,
  });
  const wide = { type: 'float', shape: ['batch', WIDTH] } as const;
  /** One round: a product with the matrix that changes nothing. */
  const round: OnnxGraph = {
    nodes: [
      node('Identity', ['condition'], 'goes_on'),
      node('MatMul', ['before', 'identity'], 'after'),
    ],
    inputs: [
      { name: 'round', type: 'int64', shape: [] },
      { name: 'condition', type: 'bool', shape: [] },
      { name: 'before', ...wide },
    ],
    outputs: [
      { name: 'goes_on', type: 'bool', shape: [] },
      { name: 'after', ...wide },
    ],
  };
  const identity = new Float32Array(WIDTH * WIDTH);
  for (let index = 0; index < WIDTH; index += 1) identity[index * WIDTH + index] = 1;
  const first = new Float32Array(WIDTH);
  first[0] = 1;
  return {
    nodes: [
      column(0, 'value'),
      column(1, 'rounds'),
      column(2, 'row'),
      column(3, 'divisor'),
      // Slow.
      node('ReduceMax', ['rounds'], 'most', { keepdims: 0 }),
      node('Cast', ['most'], 'trips', { to: typeNumber('int64') }),
      node('MatMul', ['value', 'ones'], 'spread'),
      node('Loop', ['trips', '', 'spread'], 'turned', { body: round }),
      node('MatMul', ['turned', 'first'], 'same'),
      node('Add', ['same', 'same'], 'double'),
      // Fails: there is no such row in the table.
      node('Cast', ['row'], 'index', { to: typeNumber('int64') }),
      node('Gather', ['table', 'index'], 'found'),
      // Crashes.
      node('Cast', ['divisor'], 'whole', { to: typeNumber('int32') }),
      node('Mod', ['lowest', 'whole'], 'rest'),
      node('Cast', ['rest'], 'no_more', { to: typeNumber('float') }),
      node('Add', ['double', 'found'], 'almost'),
      node('Add', ['almost', 'no_more'], 'y'),
      node('Neg', ['value'], 'z'),
    ],
    constants: [
      ...[0, 1, 2, 3].map((index) => ({
        name: `column${index}`,
        shape: [1],
        data: BigInt64Array.of(BigInt(index)),
      })),
      { name: 'ones', shape: [1, WIDTH], data: new Float32Array(WIDTH).fill(1) },
      { name: 'identity', shape: [WIDTH, WIDTH], data: identity },
      { name: 'first', shape: [WIDTH, 1], data: first },
      { name: 'table', shape: [2], data: new Float32Array(2) },
      { name: 'lowest', shape: [1], data: Int32Array.of(-(2 ** 31)) },
    ],
    inputs: [{ name: 'x', type: 'float', shape: ['batch', 4] }],
    outputs: [
      { name: 'y', type: 'float', shape: ['batch', 1] },
      { name: 'z', type: 'float', shape: ['batch', 1] },
    ],
  };
}
