import type { LoadedModel, Session, SessionPool } from '../../models/loader/loaded-model.ts';
import type { ModelManifest } from '../../models/loader/package-schema.ts';
import type { Tensor, TensorMap } from '../../functions/runtime/tensor.ts';

/** What a fake model does; everything has a default that works. */
export interface FakeModelOptions {
  /** Rows of one run at most; `null` for a model without a batch axis. @default 1024 */
  readonly maxRows?: number | null;
  /** @default every element doubled, as the output `y` */
  readonly run?: Session['run'];
  /** @default passes */
  readonly proveGolden?: LoadedModel['proveGolden'];
  /** @default the model runs in this thread */
  readonly pool?: SessionPool;
}

/** A loaded model called `fake` without a file behind it: one input `x`, FP32 [-1, 1]. */
export function fakeModel({
  maxRows = 1024,
  run = async (inputs) => doubled(inputs),
  proveGolden = async () => {},
  pool,
}: FakeModelOptions = {}): LoadedModel {
  const spec = { datatype: 'FP32', shape: [-1, 1] } as const;
  return {
    manifest: {
      name: 'fake',
      version: 3,
      task: 'tabular-regression',
      description: 'Doubles what it gets',
      licence: 'Apache-2.0',
      ...(maxRows === null ? {} : { batch: { axis: 0, max_rows: maxRows } }),
    } as ModelManifest,
    digest: '0'.repeat(64),
    labels: [],
    assets: new Map(),
    session: {
      inputs: [{ name: 'x', ...spec }],
      outputs: [{ name: 'y', ...spec }],
      run,
      release: async () => {},
    },
    phases: { ready: 100 },
    proveGolden,
    ...(pool === undefined ? {} : { pool }),
  };
}

/** The tensor `x` with one element per row. */
export function rowsOf(...values: number[]): { x: Tensor } {
  return { x: { datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) } };
}

/** The elements of a tensor of numbers. */
export function valuesOf(tensor: Tensor | undefined): number[] {
  return Array.from((tensor?.data ?? []) as ArrayLike<number>, Number);
}

/** `x` with every element doubled, as `y`. */
export function doubled(inputs: TensorMap): TensorMap {
  const { x } = inputs as { x: Tensor };
  return { y: { ...x, data: (x.data as Float32Array).map((value) => 2 * value) } };
}
