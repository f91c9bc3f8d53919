import { isDeepStrictEqual } from 'node:util';

import type { TensorMap, TensorSpec } from '../../../functions/runtime/tensor.ts';
import { joinRows, sliceRows } from '../../../functions/serving/engine/rows.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { differingOutput } from './close.ts';
import { RefusedError } from './refused-error.ts';
import type { Trial } from './trial.ts';
import { varyRow } from './vary-row.ts';

/** Whether rows of different requests may run together. */
export type RowProof =
  | { readonly independent: true }
  /** Why not, to be said after "requests run one by one:". */
  | { readonly independent: false; readonly why: string };

/** Rows that the proof compares at least, and tries to make at most. */
const [FEWEST, MOST] = [3, 12];

/**
 * Operators whose result for one row depends on the other rows, or on what was computed before; and those
 * that decide for a whole run at once, so that no sample of rows proves anything.
 */
const JOINING =
  /^(DynamicQuantizeLinear|com\.microsoft:DynamicQuantize\w+|NonMaxSuppression|Unique|If|Loop|Random\w+|Multinomial|Bernoulli)$/;

/** What the graph itself says against running rows together; undefined when nothing does. */
export function staticObstacle(
  { inputs, outputs }: Pick<Trial, 'inputs' | 'outputs'>,
  { operators }: Pick<OnnxModel, 'operators'>,
): string | undefined {
  const fixed = [...inputs, ...outputs].find(({ shape }: TensorSpec) => shape[0] !== -1);
  if (fixed !== undefined) return `the first axis of "${fixed.name}" does not vary`;
  const joining = [...operators.keys()].find((operator) => JOINING.test(operator));
  if (joining !== undefined) return `${joining} looks at all rows of a run together`;
  return undefined;
}

/**
 * Proves by running that a row's outputs are the same alone, among others, in another order and beside
 * copies; what differs by no more than rounding is the same.
 * @param sample Rows that the model accepts, at least one.
 * @throws {RefusedError} When the model's process dies of it.
 */
export async function proveRows(trial: Trial, sample: TensorMap): Promise<RowProof> {
  const counts = new Set(Object.values(sample).map(({ shape }) => shape[0] ?? 0));
  if (counts.size > 1) return { independent: false, why: 'its inputs differ in their first axis' };
  if (counts.has(0)) return { independent: false, why: 'the given input has no rows to compare' };
  const rows = await acceptedRows(trial, sample);
  if (rows.length < FEWEST) {
    return { independent: false, why: 'too few rows could be made to compare them' };
  }
  const order = rows.map((_, index) => index);
  const runs = [
    order,
    order.toReversed(),
    order.slice(0, 2),
    [1, 0],
    [2, 2, 0, 2],
    [...order, ...order].slice(1, order.length + 2),
  ];
  for (const chosen of runs) {
    const why = await whyNotTogether(
      trial,
      chosen.map((index) => rows[index] as Row),
    );
    if (why !== undefined) return { independent: false, why };
  }
  return { independent: true };
}

/** One row, and what the model makes of it alone. */
interface Row {
  readonly inputs: TensorMap;
  readonly outputs: TensorMap;
}

/** Rows of the sample and others like them, as far as the model accepts them. */
async function acceptedRows(trial: Trial, sample: TensorMap): Promise<Row[]> {
  const count = Object.values(sample)[0]?.shape[0] ?? 0;
  const given = Array.from({ length: Math.min(count, MOST / 2) }, (_, row) =>
    sliceRows(sample, row, row + 1),
  );
  const rows: Row[] = [];
  for (let made = 0; rows.length < MOST / 2 && made < MOST; made += 1) {
    const [first] = given;
    const inputs = given[made] ?? varyRow(first as TensorMap, made);
    if (rows.some((row) => isSame(row.inputs, inputs))) continue;
    const outputs = await trial.run(inputs).catch((cause: unknown) => {
      if (cause instanceof RefusedError) throw cause;
      return undefined;
    });
    if (outputs !== undefined) rows.push({ inputs, outputs });
  }
  return rows;
}

function isSame(a: TensorMap, b: TensorMap): boolean {
  return Object.entries(a).every(([name, { data }]) => isDeepStrictEqual(data, b[name]?.data));
}

/** Runs rows together and compares each with itself alone; undefined when all are the same. */
async function whyNotTogether(trial: Trial, rows: readonly Row[]): Promise<string | undefined> {
  let outputs: TensorMap;
  try {
    outputs = await trial.run(joinRows(rows.map(({ inputs }) => inputs)));
  } catch (cause) {
    if (cause instanceof RefusedError) throw cause;
    const reason = (cause as Error).message.replace(/\s+/g, ' ');
    return `${rows.length} rows together fail, though each alone does not (ONNX Runtime: ${reason})`;
  }
  const odd = Object.entries(outputs).find(([, { shape }]) => shape[0] !== rows.length);
  if (odd !== undefined) {
    return `"${odd[0]}" has ${odd[1].shape[0] ?? 'no'} rows for ${rows.length} that went in`;
  }
  for (const [index, row] of rows.entries()) {
    const name = differingOutput(sliceRows(outputs, index, index + 1), row.outputs);
    if (name !== undefined) return `"${name}" of a row depends on the rows beside it`;
  }
  return undefined;
}

/**
 * The largest number of rows, at most `wanted`, that still gives each its own outputs; 0 for none.
 * @param row One that the model accepts.
 */
export async function largestRun(trial: Trial, row: TensorMap, wanted: number): Promise<number> {
  const one = { inputs: row, outputs: await trial.run(row) };
  for (let rows = wanted; rows >= 1; rows = Math.floor(rows / 2)) {
    const why = await whyNotTogether(
      trial,
      Array.from({ length: rows }, () => one),
    );
    if (why === undefined) return rows;
  }
  return 0;
}
