import type { LoadedModel } from '../../../models/loader/loaded-model.ts';
import { InferenceError, InvalidRequestError } from '../../runtime/errors.ts';
import type { InferenceEngineError } from '../../runtime/errors.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { TensorMap } from '../../runtime/tensor.ts';
import { joinRows, sliceRows } from './rows.ts';

/** Runs a session and keeps count of how long that takes. */
export interface Runner {
  /** Outputs for `rows` rows, in runs of at most `maxRows`; `batchSize` is the rows of the largest run. */
  run(
    inputs: TensorMap,
    rows: number,
    maxRows: number,
  ): Promise<{ readonly outputs: TensorMap; readonly batchSize: number }>;
  /** Whose fault a failed run of one request is: the request's if the golden example still passes. */
  blame(cause: unknown): Promise<InferenceEngineError>;
  /** Time that so many rows will take, by what was measured so far. */
  estimateMs(rows: number): number;
  isSound(): boolean;
}

/** Weight of the newest run in the moving average of the time per row. */
const NEWEST = 0.2;

/** A runner for one model. */
export function createRunner(model: LoadedModel, metrics: Metrics): Runner {
  const { name } = model.manifest;
  let perRowMs: number | undefined;
  let sound = true;

  async function runOnce(inputs: TensorMap, rows: number): Promise<TensorMap> {
    const startedMs = performance.now();
    const outputs = await model.session.run(inputs);
    const elapsedMs = performance.now() - startedMs;
    const newest = elapsedMs / rows;
    perRowMs = perRowMs === undefined ? newest : perRowMs + NEWEST * (newest - perRowMs);
    metrics.record('inference_batch_size', { model: name }, rows);
    metrics.record('inference_run_duration_seconds', { model: name }, elapsedMs / 1000);
    return outputs;
  }

  return {
    async run(inputs, rows, maxRows) {
      if (rows <= maxRows) return { outputs: await runOnce(inputs, rows), batchSize: rows };
      const parts: TensorMap[] = [];
      for (let start = 0; start < rows; start += maxRows) {
        const end = Math.min(start + maxRows, rows);
        parts.push(await runOnce(sliceRows(inputs, start, end), end - start));
      }
      return { outputs: joinRows(parts), batchSize: maxRows };
    },
    async blame(cause) {
      try {
        await model.proveGolden();
      } catch (failure) {
        sound = false;
        return new InferenceError(`The model "${name}" fails`, { cause: failure });
      }
      return new InvalidRequestError(`The model "${name}" cannot compute these inputs`, { cause });
    },
    estimateMs: (rows) => rows * (perRowMs ?? 1),
    isSound: () => sound,
  };
}
