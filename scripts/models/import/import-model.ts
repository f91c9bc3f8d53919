import { basename } from 'node:path';

import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import { joinRows, sliceRows } from '../../../functions/serving/engine/rows.ts';
import { GENERIC_FUNCTION } from '../../../models/loader/package-schema.ts';
import type { GoldenFile, ModelManifest } from '../../../models/loader/package-schema.ts';
import { cardText } from './card.ts';
import { axisNames, describeTensors } from './describe-tensors.ts';
import { measure } from './measure.ts';
import type { Measurement } from './measure.ts';
import { readModelFile } from './model-file.ts';
import type { ModelFile } from './model-file.ts';
import { checkName } from './model-name.ts';
import type { NameScope } from './model-name.ts';
import { largestRun, proveRows, staticObstacle } from './prove-rows.ts';
import type { RowProof } from './prove-rows.ts';
import { readLabels } from './read-labels.ts';
import { recordGolden } from './record-golden.ts';
import type { GoldenOptions } from './record-golden.ts';
import { RefusedError } from './refused-error.ts';
import { faultsOf } from './tensor-values.ts';
import { openTrial } from './trial.ts';
import type { Trial } from './trial.ts';
import { writePackage } from './write-package.ts';
import type { NewFile } from './write-package.ts';

/** What to make a package of, and what the file itself cannot say. */
export interface ImportOptions extends NameScope, GoldenOptions {
  readonly file: string;
  readonly name: string;
  readonly version: number;
  /** A file with a JSON list of the classes' names. @default none */
  readonly labels: string | undefined;
  readonly description: string | undefined;
  readonly licence: string | undefined;
}

/** A package that is there now, and how it was found to run. */
export interface ImportedModel {
  readonly dir: string;
  readonly digest: string;
  readonly manifest: Omit<ModelManifest, 'files'>;
  readonly rows: RowProof;
  readonly runMs: number;
  readonly golden: Pick<GoldenFile, 'producer' | 'tolerance'>;
  /** Outputs that are different each time, and so have no golden values. */
  readonly unsteady: readonly string[];
}

/**
 * Makes a package of an ONNX file: opens and runs it in a process of its own, finds out what it takes and
 * whether its rows are independent, records a golden example, and writes all that at the end, at once.
 * @throws {NameError} When the name cannot be used.
 * @throws {RefusedError} When the file cannot be served, or the sample is not what it takes.
 */
export async function importModel(options: ImportOptions): Promise<ImportedModel> {
  const { file, name, version, folders } = options;
  const [folder] = folders;
  if (folder === undefined) throw new TypeError('There is no folder to write to');
  await checkName(name, version, options);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const model = await readModelFile(file);
  const faults = faultsOf(model.onnx);
  if (faults.length > 0) throw new RefusedError(file, faults);

  await using trial = await openTrial(model);
  const { inputs, golden, unsteady } = await recordGolden(model, trial, options);
  const rows = await rowsProof(model, trial, inputs, unsteady);
  const measured = await measureRows(model, trial, inputs, rows);
  const shapes = { names: axisNames(), isBatched: rows.independent };
  const manifest: Omit<ModelManifest, 'files'> = {
    schema_version: 1,
    name,
    version,
    task: 'inference',
    description: options.description ?? `Imported from ${basename(file)}`,
    licence: options.licence ?? 'not stated',
    function: GENERIC_FUNCTION,
    inputs: describeTensors(trial.inputs, model.onnx.inputs, shapes),
    outputs: describeTensors(trial.outputs, model.onnx.outputs, shapes),
    ...(shapes.isBatched ? { batch: { axis: 0 as const, max_rows: measured.maxRows } } : {}),
    execution: measured.execution,
    session: {},
    preprocessing: {},
    ...(labels === undefined ? {} : { labels: 'labels.json' }),
    provenance: {
      file: basename(file),
      producer: model.onnx.producer === '' ? 'not stated' : model.onnx.producer,
    },
  };
  const written = await writePackage(folder, manifest, [
    { name: 'model.onnx', role: 'model', bytes: model.bytes },
    { name: 'golden.json', role: 'golden', bytes: json(golden) },
    ...(labels === undefined
      ? []
      : [{ name: 'labels.json', role: 'labels', bytes: json(labels) } satisfies NewFile]),
    { name: 'CARD.md', role: 'card', bytes: Buffer.from(cardText(manifest, model, golden)) },
  ]);
  return { ...written, manifest, rows, runMs: measured.runMs, golden, unsteady };
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
}

async function rowsProof(
  { onnx }: ModelFile,
  trial: Trial,
  inputs: TensorMap,
  [unsteady]: readonly string[],
): Promise<RowProof> {
  const obstacle =
    unsteady === undefined ? staticObstacle(trial, onnx) : `"${unsteady}" is different each time`;
  if (obstacle !== undefined) return { independent: false, why: obstacle };
  return proveRows(trial, inputs);
}

/** How many rows show what a row costs beside others. */
const ROWS = 16;

/** Where to compute; for a model with independent rows also how many at once, and proven for that many. */
async function measureRows(
  model: ModelFile,
  trial: Trial,
  inputs: TensorMap,
  rows: RowProof,
): Promise<Measurement> {
  if (!rows.independent) return measure(model, inputs, undefined);
  const one = sliceRows(inputs, 0, 1);
  const measured = await measure(model, one, {
    inputs: joinRows(Array.from({ length: ROWS }, () => one)),
    rows: ROWS,
  });
  return { ...measured, maxRows: await largestRun(trial, one, measured.maxRows) };
}
