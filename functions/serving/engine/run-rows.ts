import type { Session } from '../../../models/loader/loaded-model.ts';
import { SessionLostError } from '../../../models/loader/loaded-model.ts';
import type { TensorMap } from '../../runtime/tensor.ts';
import { joinRows, sliceRows } from './rows.ts';

/** What to run, and where. */
export interface RowsToRun {
  readonly session: Session;
  readonly inputs: TensorMap;
  readonly rows: number;
  /** Rows of one run at most; undefined when rows cannot be told apart. */
  readonly maxRows: number | undefined;
  /** Names of the outputs that are wanted. @default all */
  readonly outputs: readonly string[] | undefined;
  /** Called before each run. @throws whatever is to stop the work there */
  readonly beforeRun: () => void;
  /** Told of each run that succeeded. */
  readonly onRun: (rows: number, elapsedMs: number) => void;
}

/** A run failed, and not because its process was lost. */
export class RowError extends Error {
  /** The first row that fails by itself; undefined for a run that cannot be halved. */
  readonly row: number | undefined;

  constructor(row: number | undefined, cause: unknown) {
    super(row === undefined ? 'The run failed' : `Row ${row} fails`, { cause });
    this.row = row;
  }
}

/**
 * The outputs for some rows, in runs of at most `maxRows`. A run that fails is not tried as it is again.
 * @throws {RowError} When the model fails.
 * @throws {SessionLostError} When its process ended.
 */
export async function runRows(work: RowsToRun): Promise<TensorMap> {
  const { inputs, rows, maxRows = rows } = work;
  if (rows <= maxRows) return await runOnce(work, inputs, 0, rows);
  const parts: TensorMap[] = [];
  for (let start = 0; start < rows; start += maxRows) {
    const end = Math.min(start + maxRows, rows);
    parts.push(await runOnce(work, sliceRows(inputs, start, end), start, end));
  }
  return joinRows(parts);
}

/**
 * The same after the whole has failed: each half by itself, and the halves of a half that fails, down to the
 * row at fault. Rows that only fail together are answered.
 * @throws {RowError} With the first row that fails alone.
 * @throws {SessionLostError} When its process ended.
 */
export async function runHalves(work: RowsToRun, cause: RowError): Promise<TensorMap> {
  const { inputs, rows, maxRows } = work;
  if (maxRows === undefined) throw cause;
  const run = async (start: number, end: number): Promise<TensorMap> => {
    if (end - start <= maxRows && (start > 0 || end < rows)) {
      try {
        return await runOnce(work, sliceRows(inputs, start, end), start, end);
      } catch (failure) {
        if (end - start === 1 || !(failure instanceof RowError)) throw failure;
      }
    }
    const middle = (start + end) >> 1;
    return joinRows([await run(start, middle), await run(middle, end)]);
  };
  if (rows === 1) throw cause;
  return await run(0, rows);
}

async function runOnce(
  { session, maxRows, outputs, beforeRun, onRun }: RowsToRun,
  inputs: TensorMap,
  start: number,
  end: number,
): Promise<TensorMap> {
  beforeRun();
  const startedMs = performance.now();
  let results: TensorMap;
  try {
    results = await session.run(inputs, outputs);
  } catch (cause) {
    if (cause instanceof SessionLostError) throw cause;
    throw new RowError(end - start === 1 && maxRows !== undefined ? start : undefined, cause);
  }
  onRun(end - start, performance.now() - startedMs);
  return results;
}
