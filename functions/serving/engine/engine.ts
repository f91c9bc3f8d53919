import type { LoadedModel, Session } from '../../../models/loader/loaded-model.ts';
import { InferenceError } from '../../runtime/errors.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { refusalOf, unavailable } from './admission.ts';
import type { QueueLimits } from './admission.ts';
import { createDeadlines } from './deadlines.ts';
import { createLanes } from './lanes.ts';
import { createQueue } from './queue.ts';
import { pendingRequest } from './pending.ts';
import { startBy } from './request.ts';
import type { InferenceRequest, InferenceResult, Waiting } from './request.ts';
import { byteSize } from './rows.ts';
import { createBatchServer } from './serve-batch.ts';
import { createServiceTimes, estimateWaitMs } from './service-time.ts';
import { createSoundness } from './soundness.ts';
import { createStatistics } from './statistics.ts';
import type { EngineStatistics } from './statistics.ts';

/** How much may wait for one model, and for how long. */
export interface EngineLimits extends QueueLimits {
  /** How long a free model waits for more rows. */
  readonly maxQueueDelayMs: number;
  /** A run in a process of its own that takes longer is ended: nobody can be waiting for it any more. */
  readonly maxRunMs: number;
}

/** Runs one model for many requests at once. */
export interface Engine {
  /**
   * The model's outputs for one request. What arrives in the same turn of the event loop, or while the
   * model is busy, runs together.
   * @throws {QueueFullError} When too much waits already, or the wait would outlast the deadline; carries
   *   when to try again.
   * @throws {InferenceTimeoutError} When the deadline passes first. Expired work is never started.
   * @throws {ClientGoneError} When the request was abandoned before it was started.
   * @throws {InvalidRequestError} When the model fails on these inputs and is proven sound after; `details`
   *   names the first row at fault of several, as `instance`.
   * @throws {InferenceError} When the model itself fails, or its process ends in this request's run.
   * @throws {ModelLoadError} While a model that failed is being brought back.
   */
  infer(request: InferenceRequest): Promise<InferenceResult>;
  /** Rows waiting now. */
  queuedRows(): number;
  /** Whether predictions can be expected now: the model reproduces its golden example, and something runs it. */
  isSound(): boolean;
  /** Sessions that could run now. */
  sessions(): number;
  /** Runs that go on now. */
  running(): number;
  statistics(): EngineStatistics;
}

/** An engine for one model: queue, dynamic batching, deadlines. State is per model, never global. */
export function createEngine(model: LoadedModel, limits: EngineLimits, metrics: Metrics): Engine {
  const { manifest, pool } = model;
  const maxRows = manifest.batch?.max_rows ?? 1;
  const queue = createQueue();
  const lanes = createLanes(model);
  const deadlines = createDeadlines(queue, lanes);
  const times = createServiceTimes();
  const statistics = createStatistics();
  const soundness = createSoundness(model, schedule);
  const serve = createBatchServer({ model, metrics, statistics, times, soundness });
  let scheduled = false;
  let suspects = 0;
  pool?.watch(() => {
    const retryInMs = downForMs();
    if (retryInMs !== undefined) refuseAll(retryInMs);
    schedule();
  });

  function downForMs(): number | undefined {
    return soundness.isSound() ? pool?.outage()?.retryInMs : soundness.retryInMs();
  }

  function refuseAll(retryInMs: number): void {
    for (const entry of queue.takeAll()) entry.reject(unavailable(manifest.name, retryInMs));
  }

  function waitMs(): number {
    if (queue.isEmpty() && lanes.free() > 0) return 0;
    const [queuedRows, running] = [queue.rows(), lanes.running()];
    return estimateWaitMs(times, { queuedRows, maxRows, lanes: lanes.count(), running });
  }

  function schedule(): void {
    if (scheduled || queue.isEmpty() || lanes.free() === 0) return;
    scheduled = true;
    // The next turn: everything that the sockets bring in this one runs together. Timers only hurt,
    // unless somebody measured otherwise.
    if (limits.maxQueueDelayMs > 0) setTimeout(drain, limits.maxQueueDelayMs);
    else setImmediate(drain);
  }

  function drain(): void {
    scheduled = false;
    for (let lane = lanes.next(); lane !== undefined && !queue.isEmpty(); lane = lanes.next()) {
      // Several that are free share the work: rows of a slow model hardly gain from each other.
      const share = Math.min(maxRows, Math.ceil(queue.rows() / lanes.free()));
      const batch = queue.take(manifest.batch === undefined ? 0 : share);
      lanes.begin(lane, batch);
      void runBatch(lane, batch);
    }
  }

  async function runBatch(lane: Session, batch: readonly Waiting[]): Promise<void> {
    const tooLong = (): void => pool?.replace(lane, `ran for more than ${limits.maxRunMs} ms`);
    const timer = pool === undefined ? undefined : setTimeout(tooLong, limits.maxRunMs);
    try {
      const { suspects: again, untouched } = await serve(lane, batch);
      // A suspect runs by itself: its signature is nobody else's.
      for (const entry of again) entry.signature = `suspect ${(suspects += 1)}`;
      queue.pushFront([...again, ...untouched]);
    } catch (cause) {
      // Nothing may leave a caller without an answer, not even a fault of ours.
      for (const entry of batch) entry.reject(new InferenceError('The engine failed', { cause }));
    } finally {
      clearTimeout(timer);
      lanes.end(lane);
      const retryInMs = downForMs();
      if (retryInMs !== undefined) refuseAll(retryInMs);
      schedule();
    }
  }

  return {
    infer(request) {
      const retryInMs = downForMs();
      const bytes = byteSize(request.inputs);
      const arrival = {
        rows: request.rows,
        bytes,
        patienceMs: startBy(request) - performance.now(),
      };
      const ask = (): Error | undefined =>
        refusalOf(manifest.name, arrival, { queue, limits, waitMs: waitMs() });
      let refusal = retryInMs === undefined ? ask() : unavailable(manifest.name, retryInMs);
      if (refusal !== undefined && retryInMs === undefined) {
        queue.dropAbandoned();
        refusal = ask();
      }
      if (refusal !== undefined) {
        statistics.failed(0);
        return Promise.reject(refusal);
      }
      const { entry, answer } = pendingRequest(request, bytes, statistics);
      queue.push(entry);
      deadlines.watch(request);
      schedule();
      return answer;
    },
    queuedRows: () => queue.rows(),
    isSound: () => soundness.isSound() && lanes.count() > 0,
    sessions: () => lanes.count(),
    running: () => lanes.running().length,
    statistics: () => statistics.read(),
  };
}
