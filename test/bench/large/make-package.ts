import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Tensor } from '../../../functions/runtime/tensor.ts';
import { openSession } from '../../../models/loader/open-session.ts';
import { wideGraph } from './wide-graph.ts';
import type { GraphSize } from './wide-graph.ts';

/** A size to measure. */
export interface LargeModel extends GraphSize {
  /** Of the graph's file, about, in 10⁶ bytes. */
  readonly megabytes: number;
}

/** A graph, and how it is to be run. */
interface MadeModel extends GraphSize {
  /** Of one run. @default 1024 */
  readonly maxRows?: number;
  /** @default 'inline' */
  readonly execution?: 'inline' | 'worker';
}

/** What is measured: the size of MobileNetV2, and that of a small transformer. */
export const LARGE_MODELS: readonly LargeModel[] = [
  { megabytes: 14, width: 1088, layers: 3 },
  { megabytes: 150, width: 2048, layers: 9 },
];

const FLOWERS = [
  [5.1, 3.5, 1.4, 0.2],
  [7, 3.2, 4.7, 1.4],
  [6.3, 3.3, 6, 2.5],
] as const;
const LABELS = ['setosa', 'versicolor', 'virginica'];

/**
 * Writes a package that is iris in name and form, and large. Its golden answers are ONNX Runtime's own: here
 * it is not the model that is tested.
 */
export async function makePackage(dir: string, model: MadeModel): Promise<void> {
  await mkdir(dir, { recursive: true });
  const graph = wideGraph(model);
  const files = {
    'model.onnx': graph,
    'labels.json': Buffer.from(JSON.stringify(LABELS)),
    'golden.json': Buffer.from(JSON.stringify(await goldenOf(graph))),
  };
  const roles = {
    'model.onnx': 'model',
    'labels.json': 'labels',
    'golden.json': 'golden',
  } as const;
  const manifest = {
    schema_version: 1,
    name: 'iris',
    version: 1,
    task: 'classification',
    description:
      'Random weights in the form of iris, to measure how long a large model takes to load',
    licence: 'CC0-1.0',
    files: Object.entries(files).map(([name, content]) => ({
      name,
      role: roles[name as keyof typeof roles],
      sha256: createHash('sha256').update(content).digest('hex'),
      size_bytes: content.length,
    })),
    inputs: [{ name: 'features', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: ['batch', 3] }],
    batch: { axis: 0, max_rows: model.maxRows ?? 1024 },
    execution: model.execution ?? 'inline',
    labels: 'labels.json',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  await writeFile(join(dir, 'model.json'), JSON.stringify(manifest));
}

async function goldenOf(graph: Buffer): Promise<unknown> {
  const session = await openSession('the graph', graph, { session: {} });
  const data = Float32Array.from(FLOWERS.flat());
  const shape = [FLOWERS.length, 4];
  const outputs = await session.run({ features: { datatype: 'FP32', shape, data } });
  await session.release();
  const { data: scores } = outputs['probabilities'] as Tensor;
  const rows = FLOWERS.map((_, row) =>
    LABELS.map((_label, index) => Number(scores[row * LABELS.length + index])),
  );
  return {
    producer: 'ONNX Runtime itself',
    tolerance: { absolute: 1e-3 },
    cases: [
      {
        inputs: [{ name: 'features', datatype: 'FP32', shape, data: [...data] }],
        outputs: [
          {
            name: 'probabilities',
            datatype: 'FP32',
            shape: [FLOWERS.length, 3],
            data: rows.flat(),
          },
        ],
        instances: FLOWERS.map(([sepal_length, sepal_width, petal_length, petal_width]) => ({
          sepal_length,
          sepal_width,
          petal_length,
          petal_width,
        })),
        predictions: rows.map((own) => ({
          prediction: LABELS[own.indexOf(Math.max(...own))],
          probabilities: Object.fromEntries(LABELS.map((label, index) => [label, own[index]])),
        })),
      },
    ],
  };
}
