import type { ModelFacts } from '../models/loader/loaded-model.ts';
import type { TensorMap } from './runtime/tensor.ts';

/** What code that predicts one instance works with. */
export interface PredictContext<Options> {
  readonly model: ModelFacts;
  readonly options: Options;
  /** Aborts when nobody waits for the answer any more: the client is gone, or the deadline has passed. */
  readonly signal: AbortSignal;
  /**
   * Runs tensors of `rows` rows, together with whatever else waits, and returns all outputs.
   * @throws {InferenceTimeoutError} When the request's deadline passes first.
   * @throws {QueueFullError} When too much waits already.
   */
  infer(this: void, inputs: TensorMap, rows: number): Promise<TensorMap>;
}
