import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import type { Session } from '../../../models/loader/loaded-model.ts';
import { openSession } from '../../../models/loader/open-session.ts';
import type { ModelFile } from './model-file.ts';

/** Runs of up to a millisecond cost less than sending them to a process of their own would. */
const INLINE_MS = 1;
/** How long one run of many rows may keep others waiting, where the model computes in the server's own thread. */
const INLINE_BUDGET_MS = 10;
const WORKER_BUDGET_MS = 100;
/** How many rows one run has at most, and at least where runs are joined at all. */
const [MOST_ROWS, FEWEST_ROWS] = [1024, 4];
/** Of the inputs and outputs of one run. */
const MAX_RUN_BYTES = 64 * 1024 * 1024;
const [WARM_UP_RUNS, FEWEST_RUNS, MOST_RUNS, MEASURE_MS] = [2, 3, 5000, 400];

/** Where to compute, and how much at once. */
export interface Measurement {
  readonly execution: 'inline' | 'worker';
  /** Of one row, or of the sample where rows cannot be told apart. */
  readonly runMs: number;
  /** Rows of one run that stay within the time and memory for it. */
  readonly maxRows: number;
}

/**
 * Measures a model in this process, as a server would run it. It has been tried in another one before.
 * @param one Inputs of one row.
 * @param several The same with more rows, where the model takes them.
 */
export async function measure(
  { path, bytes }: Pick<ModelFile, 'path' | 'bytes'>,
  one: TensorMap,
  several: { readonly inputs: TensorMap; readonly rows: number } | undefined,
): Promise<Measurement> {
  const session = await openSession(path, bytes, { session: {} });
  try {
    const runMs = await averageMs(session, one);
    const execution = runMs <= INLINE_MS ? 'inline' : 'worker';
    if (several === undefined) return { execution, runMs, maxRows: 1 };
    const { inputs, rows } = several;
    // All of them can fall between two ticks of that clock.
    const perRowMs = Math.max(await averageMs(session, inputs), 0.001) / rows;
    const budgetMs = execution === 'inline' ? INLINE_BUDGET_MS : WORKER_BUDGET_MS;
    const perRowBytes = bytesOf({ ...inputs, ...(await session.run(inputs)) }) / rows;
    const fitting = Math.min(MOST_ROWS, budgetMs / perRowMs, MAX_RUN_BYTES / perRowBytes);
    const maxRows = Math.max(FEWEST_ROWS, 2 ** Math.floor(Math.log2(Math.max(1, fitting))));
    return { execution, runMs, maxRows };
  } finally {
    await session.release();
  }
}

/**
 * Milliseconds of a run on average, after the first two, by the CPU time of this thread: what else the machine
 * does must not decide. That clock may tick every few milliseconds, so the runs go on for many of them.
 */
async function averageMs(session: Session, inputs: TensorMap): Promise<number> {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await session.run(inputs);
  const stopMs = performance.now() + MEASURE_MS;
  const before = process.threadCpuUsage();
  let runs = 0;
  while (runs < FEWEST_RUNS || (runs < MOST_RUNS && performance.now() < stopMs)) {
    await session.run(inputs);
    runs += 1;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / runs;
}

function bytesOf(tensors: TensorMap): number {
  return Object.values(tensors).reduce(
    (sum, { data }) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 16 * data.length),
    0,
  );
}
