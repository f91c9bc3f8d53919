import type { LoadedModel, Session } from '../../../models/loader/loaded-model.ts';
import { SessionLostError } from '../../../models/loader/loaded-model.ts';
import { ClientGoneError } from '../../runtime/client-gone.ts';
import { InferenceEngineError, InferenceError, InvalidRequestError } from '../../runtime/errors.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Tensor, TensorMap } from '../../runtime/tensor.ts';
import { startBy, tooLate } from './request.ts';
import type { Waiting } from './request.ts';
import { joinRows, sliceRows } from './rows.ts';
import { RowError, runHalves, runRows } from './run-rows.ts';
import type { RowsToRun } from './run-rows.ts';
import type { ServiceTimes } from './service-time.ts';
import type { Soundness } from './soundness.ts';
import type { StatisticsRecorder } from './statistics.ts';

/** What runs batches of one model. */
export interface BatchServerOptions {
  readonly model: LoadedModel;
  readonly metrics: Metrics;
  readonly statistics: StatisticsRecorder;
  readonly times: ServiceTimes;
  readonly soundness: Soundness;
}

/** What became of a batch's session, and the requests of the batch that must run again for it. */
export interface BatchEnd {
  /** True when its process has ended, or is being replaced. */
  readonly isLost: boolean;
  /** Were in the run that it ended in: any of them may have been the cause. */
  readonly suspects: readonly Waiting[];
  /** Had not been started. */
  readonly untouched: readonly Waiting[];
}

/** Runs one batch in one session. Every request is answered then, or among those that must run again. */
export type ServeBatch = (session: Session, batch: readonly Waiting[]) => Promise<BatchEnd>;

const DONE: BatchEnd = { isLost: false, suspects: [], untouched: [] };
const LOST: BatchEnd = { ...DONE, isLost: true };

/** What runs the batches of one model. */
export function createBatchServer(options: BatchServerOptions): ServeBatch {
  const { model, metrics, statistics, times, soundness } = options;
  const { name, batch } = model.manifest;
  const maxRows = batch?.max_rows;

  async function serve(
    session: Session,
    entries: readonly Waiting[],
    startedMs: number,
  ): Promise<BatchEnd> {
    const live = entries.filter((entry) => isWanted(entry, entry.request.deadlineMs));
    const [only, ...others] = live;
    if (only === undefined) return DONE;
    try {
      await runTogether(session, live, { startedMs, run: runRows });
      return DONE;
    } catch (cause) {
      if (others.length === 0) return await serveAlone(session, only, { startedMs, cause });
      if (cause instanceof SessionLostError) return { ...LOST, suspects: unanswered(live) };
    }
    // One request's rows must not fail another's.
    const middle = live.length >> 1;
    const first = await serve(session, live.slice(0, middle), startedMs);
    const rest = live.slice(middle);
    if (first.isLost) return { ...first, untouched: [...first.untouched, ...unanswered(rest)] };
    if (soundness.isSound()) return await serve(session, rest, startedMs);
    for (const entry of rest) entry.reject(fault(new Error('The model is not sound')));
    return DONE;
  }

  /** A request that has failed by itself: halved while it has several rows, and then somebody is to blame. */
  async function serveAlone(
    session: Session,
    entry: Waiting,
    { startedMs, cause }: { readonly startedMs: number; readonly cause: unknown },
  ): Promise<BatchEnd> {
    try {
      if (!(cause instanceof RowError)) throw cause;
      const run = (work: RowsToRun): Promise<TensorMap> => runHalves(work, cause);
      await runTogether(session, [entry], { startedMs, run });
      return DONE;
    } catch (failure) {
      if (!(failure instanceof RowError)) {
        entry.reject(fault(failure));
        return failure instanceof SessionLostError ? LOST : DONE;
      }
      if (await soundness.prove(session)) {
        entry.reject(badRequest(entry, failure));
        return DONE;
      }
      entry.reject(fault(failure.cause));
      return model.pool === undefined ? DONE : LOST;
    }
  }

  function badRequest({ request }: Waiting, { row, cause }: RowError): InvalidRequestError {
    const message = `The model "${name}" cannot compute these inputs`;
    if (row === undefined || request.rows === 1) return new InvalidRequestError(message, { cause });
    const details = [{ instance: row, path: '', message: 'The model cannot compute it' }];
    return new InvalidRequestError(message, { cause, details });
  }

  function fault(cause: unknown): InferenceEngineError {
    if (cause instanceof InferenceEngineError) return cause;
    return new InferenceError(`The model "${name}" failed`, { cause });
  }

  async function runTogether(
    session: Session,
    live: readonly Waiting[],
    how: { readonly startedMs: number; readonly run: (work: RowsToRun) => Promise<TensorMap> },
  ): Promise<void> {
    const rows = live.reduce((sum, { request }) => sum + request.rows, 0);
    const beganMs = performance.now();
    const inputs = joinRows(live.map(({ request }) => request.inputs));
    const inputMs = performance.now() - beganMs;
    let [runMs, largest] = [0, 0];
    const all = await how.run({
      session,
      inputs,
      rows,
      maxRows,
      outputs: wantedOutputs(live),
      beforeRun: () => {
        if (!live.some((entry) => isWanted(entry, entry.request.deadlineMs))) throw tooLate();
      },
      onRun: (runSize, elapsedMs) => {
        runMs += elapsedMs;
        largest = Math.max(largest, runSize);
        times.record(runSize, elapsedMs);
        statistics.ran(runSize, elapsedMs);
        metrics.record('inference_batch_size', { model: name }, runSize);
        metrics.record('inference_run_duration_seconds', { model: name }, elapsedMs / 1000);
      },
    });
    const endedMs = performance.now();
    const results = shareOut(all, live, rows);
    const nowMs = performance.now();
    const compute = { inputMs, inferMs: runMs, outputMs: nowMs - endedMs };
    statistics.moved(largest, compute);
    for (const [index, entry] of live.entries()) {
      const queueMs = how.startedMs - entry.arrivedMs;
      metrics.record('inference_queue_wait_seconds', { model: name }, queueMs / 1000);
      const outputs = results[index] as TensorMap;
      const inferMs = nowMs - how.startedMs;
      if (entry.request.deadlineMs <= nowMs) entry.reject(tooLate());
      else entry.resolve({ outputs, batchSize: largest, queueMs, inferMs }, compute);
    }
  }

  return (session, entries) => {
    const inTime = entries.filter((entry) => isWanted(entry, startBy(entry.request)));
    return serve(session, inTime, performance.now());
  };
}

/** False for one that is answered, late or abandoned; the latter two are failed. */
function isWanted(entry: Waiting, byMs: number): boolean {
  if (entry.isSettled()) return false;
  if (byMs <= performance.now()) entry.reject(tooLate());
  else if (entry.request.isAbandoned?.() === true)
    entry.reject(new ClientGoneError('The client went away'));
  else return true;
  return false;
}

function unanswered(entries: readonly Waiting[]): readonly Waiting[] {
  return entries.filter((entry) => !entry.isSettled());
}

/** What all of them want together; undefined when one wants everything. */
function wantedOutputs(live: readonly Waiting[]): readonly string[] | undefined {
  const wanted = new Set<string>();
  for (const { request } of live) {
    if (request.outputs === undefined) return undefined;
    for (const output of request.outputs) wanted.add(output);
  }
  return [...wanted];
}

/**
 * Each request's own rows of each output that it wants.
 * @throws {RowError} When an output has not as many rows as went in: nobody knows whose they are.
 */
function shareOut(outputs: TensorMap, live: readonly Waiting[], rows: number): TensorMap[] {
  if (live.length > 1 && Object.values(outputs).some(({ shape }) => shape[0] !== rows)) {
    throw new RowError(undefined, new Error('The outputs have not as many rows as the inputs'));
  }
  let start = 0;
  return live.map(({ request }) => {
    const end = start + request.rows;
    const wanted = pick(outputs, request.outputs);
    const own = live.length === 1 ? wanted : sliceRows(wanted, start, end);
    start = end;
    return own;
  });
}

function pick(outputs: TensorMap, names: readonly string[] | undefined): TensorMap {
  if (names === undefined) return outputs;
  return Object.fromEntries(names.map((name) => [name, outputs[name] as Tensor]));
}
