import type { LoadedModel } from '../../../models/loader/loaded-model.ts';
import { InferenceTimeoutError, QueueFullError } from '../../runtime/errors.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { TensorMap } from '../../runtime/tensor.ts';
import { ClientGoneError } from '../../runtime/client-gone.ts';
import { createRunner } from './run-model.ts';
import { byteSize, joinRows, rowSignature, sliceRows } from './rows.ts';
import { takeBatch } from './take-batch.ts';
import type { Waiting } from './take-batch.ts';

/** How much may wait for one model, and for how long. */
export interface EngineLimits {
  readonly maxQueueRows: number;
  readonly maxQueueBytes: number;
  /** How long a free model waits for more rows. */
  readonly maxQueueDelayMs: number;
}

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
}

/** One request's outputs, and what it took. */
export interface InferenceResult {
  readonly outputs: TensorMap;
  /** Rows of the run that served the request, other requests' rows included. */
  readonly batchSize: number;
  readonly queueMs: number;
  readonly inferMs: number;
}

/** Runs one model for many requests at once. */
export interface Engine {
  /**
   * The model's outputs for one request. What arrives in the same turn of the event loop, or while the
   * model is busy, runs together.
   * @throws {QueueFullError} When too much waits already; carries when to try again.
   * @throws {InferenceTimeoutError} When the deadline passes first. Expired work is never started.
   * @throws {ClientGoneError} When the request was abandoned before it was started.
   * @throws {InvalidRequestError} When the model fails on these inputs and is proven sound after.
   * @throws {InferenceError} When the model itself fails.
   */
  infer(request: InferenceRequest): Promise<InferenceResult>;
  /** Rows waiting now. */
  queuedRows(): number;
  /** False once the model has failed its golden example. */
  isSound(): boolean;
}

/** An engine for one model: queue, dynamic batching, deadlines. State is per model, never global. */
export function createEngine(model: LoadedModel, limits: EngineLimits, metrics: Metrics): Engine {
  const { name, batch } = model.manifest;
  const maxRows = batch?.max_rows ?? 1;
  const runner = createRunner(model, metrics);
  let queue: Waiting[] = [];
  let queuedRows = 0;
  let queuedBytes = 0;
  let busy = false;
  let scheduled = false;

  function remove(entry: Waiting): void {
    clearTimeout(entry.timer);
    queuedRows -= entry.request.rows;
    queuedBytes -= entry.bytes;
  }

  function expire(entry: Waiting): void {
    queue = queue.filter((other) => other !== entry);
    remove(entry);
    entry.reject(tooLate());
  }

  function schedule(): void {
    if (busy || scheduled || queue.length === 0) return;
    scheduled = true;
    // The next turn: everything that the sockets bring in this one runs together. Timers only hurt,
    // unless somebody measured otherwise.
    if (limits.maxQueueDelayMs > 0) setTimeout(drain, limits.maxQueueDelayMs);
    else setImmediate(drain);
  }

  function drain(): void {
    scheduled = false;
    const { taken, left } = takeBatch(queue, batch === undefined ? 0 : maxRows);
    queue = left;
    taken.forEach(remove);
    busy = true;
    void serve(taken).finally(() => {
      busy = false;
      schedule();
    });
  }

  async function serve(taken: readonly Waiting[]): Promise<void> {
    const startedMs = performance.now();
    const live = taken.filter((entry) => {
      if (startBy(entry.request) <= startedMs) entry.reject(tooLate());
      else if (entry.request.isAbandoned?.() === true)
        entry.reject(new ClientGoneError('The client went away'));
      else return true;
      return false;
    });
    if (live.length === 0) return;
    const rows = live.reduce((sum, { request }) => sum + request.rows, 0);
    try {
      const inputs = joinRows(live.map(({ request }) => request.inputs));
      const { outputs, batchSize } = await runner.run(inputs, rows, maxRows);
      const inferMs = performance.now() - startedMs;
      let start = 0;
      for (const entry of live) {
        const end = start + entry.request.rows;
        const own = live.length === 1 ? outputs : sliceRows(outputs, start, end);
        settle(entry, { outputs: own, batchSize, inferMs, queueMs: startedMs - entry.arrivedMs });
        start = end;
      }
    } catch (cause) {
      if (live.length === 1) live[0]?.reject(await runner.blame(cause));
      // One request's rows must not fail another's: each runs again by itself.
      else for (const entry of live) await serve([entry]);
    }
  }

  function settle(entry: Waiting, result: InferenceResult): void {
    metrics.record('inference_queue_wait_seconds', { model: name }, result.queueMs / 1000);
    if (entry.request.deadlineMs <= performance.now()) entry.reject(tooLate());
    else entry.resolve(result);
  }

  return {
    infer(request) {
      const bytes = byteSize(request.inputs);
      // A request that finds nobody waiting is taken whatever its size: it could never come in otherwise.
      const full =
        queuedRows + request.rows > limits.maxQueueRows ||
        queuedBytes + bytes > limits.maxQueueBytes;
      if (full && queue.length > 0) {
        return Promise.reject(
          new QueueFullError(`Too many requests wait for the model "${name}"`, {
            retryAfterSeconds: Math.max(1, Math.ceil(runner.estimateMs(queuedRows) / 1000)),
          }),
        );
      }
      return new Promise((resolve, reject) => {
        const arrivedMs = performance.now();
        const entry: Waiting = {
          request,
          bytes,
          signature: rowSignature(request.inputs),
          arrivedMs,
          resolve,
          reject,
          timer: setTimeout(() => expire(entry), Math.max(0, startBy(request) - arrivedMs)),
        };
        queue.push(entry);
        queuedRows += request.rows;
        queuedBytes += bytes;
        schedule();
      });
    },
    queuedRows: () => queuedRows,
    isSound: () => runner.isSound(),
  };
}

function startBy({ deadlineMs, startByMs = Infinity }: InferenceRequest): number {
  return Math.min(deadlineMs, startByMs);
}

function tooLate(): InferenceTimeoutError {
  return new InferenceTimeoutError('The deadline passed before the model had answered');
}
