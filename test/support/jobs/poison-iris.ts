import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { onnxFile, typeNumber } from '../onnx-writer.ts';
import { sha256 } from '../package-fixture.ts';

const LABELS = ['setosa', 'versicolor', 'virginica'];
const FIELDS = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] as const;

/** A flower as the function iris takes it. */
export type Flower = Readonly<Record<(typeof FIELDS)[number], number>>;

/** A valid flower that ends the process which scores it: its division has no result, SIGFPE. */
export const POISON: Flower = {
  sepal_length: 5.1,
  sepal_width: 3.5,
  petal_length: 1.4,
  petal_width: 13,
};

/**
 * Writes a package of the function iris whose probabilities are the softmax of the first three lengths, and whose
 * process ends at {@link POISON}.
 */
export async function writePoisonIris(folder: string): Promise<void> {
  const golden: readonly Flower[] = [
    { sepal_length: 3, sepal_width: 2, petal_length: 1, petal_width: 0.2 },
    { sepal_length: 1, sepal_width: 2, petal_length: 3, petal_width: 1.8 },
  ];
  const files = {
    'model.onnx': { role: 'model', bytes: poisonGraph() },
    'labels.json': { role: 'labels', bytes: Buffer.from(JSON.stringify(LABELS)) },
    'golden.json': { role: 'golden', bytes: Buffer.from(JSON.stringify(goldenOf(golden))) },
  };
  const manifest = {
    schema_version: 1,
    name: 'iris',
    version: 1,
    task: 'trouble',
    description: 'Ends its process at one record',
    licence: 'Apache-2.0',
    files: Object.entries(files).map(([name, { role, bytes }]) => ({
      name,
      role,
      sha256: sha256(bytes),
      size_bytes: bytes.length,
    })),
    inputs: [{ name: 'features', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: ['batch', 3] }],
    batch: { axis: 0, max_rows: 1024 },
    execution: 'inline',
    labels: 'labels.json',
  };
  await mkdir(folder, { recursive: true });
  for (const [name, { bytes }] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest));
}

function goldenOf(flowers: readonly Flower[]): unknown {
  const shape = (columns: number): number[] => [flowers.length, columns];
  const features = flowers.flatMap((flower) => FIELDS.map((field) => flower[field]));
  const probabilities = flowers.flatMap(({ sepal_length, sepal_width, petal_length }) => {
    const powers = [sepal_length, sepal_width, petal_length].map((one) => Math.exp(one));
    const sum = powers.reduce((one, other) => one + other);
    return powers.map((power) => power / sum);
  });
  const tensor = { datatype: 'FP32' };
  return {
    producer: 'test/support/jobs/poison-iris.ts',
    tolerance: { absolute: 1e-6 },
    cases: [
      {
        inputs: [{ name: 'features', ...tensor, shape: shape(4), data: features }],
        outputs: [{ name: 'probabilities', ...tensor, shape: shape(3), data: probabilities }],
      },
    ],
  };
}

function poisonGraph(): Buffer {
  const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
    op,
    inputs,
    outputs: [output],
    attributes,
  });
  return onnxFile({
    nodes: [
      node('Gather', ['features', 'lengths'], 'scores', { axis: 1 }),
      node('Softmax', ['scores'], 'shares', { axis: 1 }),
      // The lowest integer divided by -1 for the poison, by 1 for all others.
      node('Gather', ['features', 'last'], 'width', { axis: 1 }),
      node('Equal', ['width', 'poison'], 'is_poison'),
      node('Cast', ['is_poison'], 'one_or_none', { to: typeNumber('int32') }),
      node('Mul', ['one_or_none', 'less_two'], 'less'),
      node('Add', ['less', 'one'], 'divisor'),
      node('Mod', ['lowest', 'divisor'], 'rest'),
      node('Cast', ['rest'], 'nothing', { to: typeNumber('float') }),
      node('Add', ['shares', 'nothing'], 'probabilities'),
    ],
    constants: [
      { name: 'lengths', shape: [3], data: BigInt64Array.of(0n, 1n, 2n) },
      { name: 'last', shape: [1], data: BigInt64Array.of(3n) },
      { name: 'poison', shape: [1], data: Float32Array.of(POISON.petal_width) },
      { name: 'less_two', shape: [1], data: Int32Array.of(-2) },
      { name: 'one', shape: [1], data: Int32Array.of(1) },
      { name: 'lowest', shape: [1], data: Int32Array.of(-(2 ** 31)) },
    ],
    inputs: [{ name: 'features', type: 'float', shape: ['batch', 4] }],
    outputs: [{ name: 'probabilities', type: 'float', shape: ['batch', 3] }],
  });
}
