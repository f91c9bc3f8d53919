import { basename } from 'node:path';

import type { Tensor, TensorMap } from '../../../functions/runtime/tensor.ts';
import { compareGolden } from '../../../models/loader/golden.ts';
import type { GoldenFile } from '../../../models/loader/package-schema.ts';
import own from '../../../package.json' with { type: 'json' };
import { differingOutput } from './close.ts';
import { findInputs } from './find-inputs.ts';
import { goldenTensors } from './golden-tensors.ts';
import type { ModelFile } from './model-file.ts';
import { readSample } from './read-sample.ts';
import type { Sample } from './read-sample.ts';
import { RefusedError } from './refused-error.ts';
import { tensorValues } from './tensor-values.ts';
import type { Trial } from './trial.ts';

/** Where the golden example comes from. */
export interface GoldenOptions {
  /** A file with an input, and maybe the original framework's outputs. @default made-up inputs */
  readonly golden: string | undefined;
  /** How far a server's outputs may be from it, absolute and relative. @default by datatype */
  readonly tolerance: number | undefined;
}

/** A golden example that the model reproduces. */
export interface RecordedGolden {
  readonly inputs: TensorMap;
  readonly golden: GoldenFile;
  /** Outputs that are different each time, and so are not in it. */
  readonly unsteady: readonly string[];
}

const RUNTIME = `ONNX Runtime ${own.dependencies['onnxruntime-node']}`;

/**
 * Runs the model on the input that was given, or on one made up for it, and keeps what comes out; or holds
 * it to the outputs that were given too.
 * @throws {RefusedError} When it accepts no input, answers differently each time, or not as expected.
 */
export async function recordGolden(
  { path, onnx }: ModelFile,
  trial: Trial,
  { golden: file, tolerance }: GoldenOptions,
): Promise<RecordedGolden> {
  const { inputs, expected }: Sample =
    file === undefined
      ? { ...(await findInputs(path, trial, tensorValues(onnx.inputs))), expected: [] }
      : await readSample(file, trial);
  const { outputs, unsteady } = await steadyOutputs(path, trial, inputs);
  const tensors = [...Object.values(inputs), ...Object.values(outputs)];
  const golden: GoldenFile = {
    producer: producerOf(file, expected.length > 0),
    tolerance:
      tolerance === undefined
        ? toleranceFor(tensors)
        : { absolute: tolerance, relative: tolerance },
    cases: [
      {
        inputs: goldenTensors(inputs),
        outputs: expected.length > 0 ? [...expected] : goldenTensors(outputs),
      },
    ],
  };
  await requireReproduced(path, trial, golden);
  return { inputs, golden, unsteady };
}

function producerOf(file: string | undefined, hasOutputs: boolean): string {
  if (file === undefined) return `${RUNTIME}, on made-up inputs`;
  return hasOutputs
    ? `as ${basename(file)} says`
    : `${RUNTIME}, on the inputs of ${basename(file)}`;
}

/** Other processors round differently, half floats most of all. */
function toleranceFor(tensors: readonly Tensor[]): GoldenFile['tolerance'] {
  const isHalf = tensors.some(({ datatype }) => datatype === 'FP16');
  return isHalf ? { absolute: 1e-2, relative: 1e-2 } : { absolute: 1e-4, relative: 1e-3 };
}

async function steadyOutputs(
  path: string,
  trial: Trial,
  inputs: TensorMap,
): Promise<{ readonly outputs: TensorMap; readonly unsteady: string[] }> {
  const run = (): Promise<TensorMap> =>
    trial.run(inputs).catch((cause: unknown) => {
      if (cause instanceof RefusedError) throw cause;
      const reason = (cause as Error).message.replaceAll(/\s+/g, ' ');
      throw new RefusedError(path, [`it fails with the given input: ${reason}`], { cause });
    });
  const [first, second] = [await run(), await run()];
  const isSteady = (name: string): boolean => {
    const [one, other] = [first[name], second[name]];
    if (one === undefined || other === undefined) return false;
    return differingOutput({ [name]: one }, { [name]: other }) === undefined;
  };
  const unsteady = Object.keys(first).filter((name) => !isSteady(name));
  const outputs = Object.fromEntries(Object.entries(first).filter(([name]) => isSteady(name)));
  if (Object.keys(outputs).length > 0) return { outputs, unsteady };
  throw new RefusedError(path, [
    'it answers the same input differently each time, so no server could prove that it computes right. ' +
      'Export it without random operators',
  ]);
}

async function requireReproduced(path: string, trial: Trial, golden: GoldenFile): Promise<void> {
  const reasons: string[] = [];
  for (const goldenCase of golden.cases) {
    for (const found of await compareGolden(trial, goldenCase, golden.tolerance)) {
      if (found.withinTolerance) continue;
      const { absolute } = golden.tolerance;
      reasons.push(
        Number.isFinite(found.largestDifference)
          ? `its output "${found.output}" is not as expected: it differs by up to ${found.largestDifference}. When that is near enough: --tolerance N (now ${absolute})`
          : `its output "${found.output}" is not as expected: its shape, its datatype or a text differs`,
      );
    }
  }
  if (reasons.length > 0) throw new RefusedError(path, reasons);
}
