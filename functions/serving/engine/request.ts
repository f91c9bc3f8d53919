import type { TensorMap } from '../../runtime/tensor.ts';
import { InferenceTimeoutError } from '../../runtime/errors.ts';
import type { ComputeTimes } from './statistics.ts';

/** One request's tensors, and how long anybody wants the answer. */
export interface InferenceRequest {
  readonly inputs: TensorMap;
  /** Rows along the batch axis; 1 for a model without one. */
  readonly rows: number;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** On the same clock: work not started by then is not wanted. @default the deadline */
  readonly startByMs?: number;
  /** Says true once nobody waits for the answer: work not started is dropped then. */
  readonly isAbandoned?: () => boolean;
  /** Names of the outputs that are wanted; the model must have them. @default all */
  readonly outputs?: readonly string[];
}

/** One request's outputs, and what it took. */
export interface InferenceResult {
  /** Those that were asked for, in that order. */
  readonly outputs: TensorMap;
  /** Rows of the run that served the request, other requests' rows included. */
  readonly batchSize: number;
  readonly queueMs: number;
  readonly inferMs: number;
}

/** A request in the queue or in a run. */
export interface Waiting {
  readonly request: InferenceRequest;
  readonly bytes: number;
  /** Requests of one signature can be joined. */
  signature: string;
  readonly arrivedMs: number;
  isSettled(): boolean;
  /** The first of these two counts, later ones do nothing. */
  resolve(result: InferenceResult, compute: ComputeTimes): void;
  reject(error: Error): void;
}

/** When a request must have been started. */
export function startBy({ deadlineMs, startByMs = Infinity }: InferenceRequest): number {
  return Math.min(deadlineMs, startByMs);
}

/** What an expired request fails with. */
export function tooLate(): InferenceTimeoutError {
  return new InferenceTimeoutError('The deadline passed before the model had answered');
}
