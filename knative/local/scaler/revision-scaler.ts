import { ModelLoadError } from '../../../functions/runtime/errors.ts';
import type { RevisionSpec } from '../manifests/read-services.ts';
import { CALM, decideScale, type KpaState } from './kpa.ts';
import { MetricWindow } from './metric-window.ts';
import { ProcessPool } from './process-pool.ts';
import { RequestMeter } from './request-meter.ts';
import { boundScale, INACTIVE, type Activity } from './scale-bounds.ts';
import type { Launch, Lease, Worker } from './worker.ts';

/** Where one revision stands. */
export type ScalerState = 'zero' | 'starting' | 'ready' | 'draining';

/** What `/_local` tells of one revision. */
export interface ScalerStatus {
  readonly state: ScalerState;
  readonly pids: readonly number[];
  readonly ready: boolean;
  /** Processes that the autoscaler wants, and those that are ready. */
  readonly scale: { readonly desired: number; readonly actual: number };
  readonly panic: boolean;
  /** Where its processes serve their metrics on 127.0.0.1. */
  readonly metricsPorts: readonly number[];
  /** Requests with a process now, and those that wait for one. */
  readonly requests: { readonly active: number; readonly held: number };
  /** Why the last start failed. */
  readonly failure: string | null;
}

/**
 * One revision: from zero to as many processes as its requests need, and back. The first request starts the
 * first process; measured and decided is as Knative's autoscaler does it, {@link decideScale}.
 */
export class RevisionScaler {
  readonly revision: RevisionSpec;
  readonly #log: (line: string) => void;
  readonly #pool: ProcessPool;
  readonly #meter = new RequestMeter(performance.now());
  #stable: MetricWindow;
  #panic: MetricWindow;
  #kpa: KpaState = CALM;
  #activity: Activity = INACTIVE;
  #isReachable = true;
  #isProving = false;
  #timer: NodeJS.Timeout | undefined;
  #measured = 0;
  #isClosed = false;

  constructor(revision: RevisionSpec, launch: Launch, log: (line: string) => void) {
    this.revision = revision;
    this.#log = log;
    [this.#stable, this.#panic] = this.#emptyWindows();
    this.#pool = new ProcessPool({
      service: revision.service,
      containerConcurrency: revision.containerConcurrency,
      launch,
      log,
      onHopeless: () => this.#giveUp(),
    });
  }

  /** Starts what `min-scale` asks for; requests start everything else. */
  open(): void {
    if (this.revision.scale.minScale > 0) this.#wake(this.revision.scale.minScale);
  }

  /**
   * Waits for a ready process with a free place, starting one when there is none.
   * @throws {ModelLoadError} When no process starts, or did not a moment ago.
   * @throws {ServiceBusyError} When too many requests wait.
   * @throws The signal's reason when it is aborted before.
   */
  async acquire(signal: AbortSignal): Promise<Lease> {
    const refusal = this.#pool.refusal();
    if (refusal) throw refusal;
    this.#meter.begin(performance.now());
    try {
      if (this.#pool.scale === 0) this.#poke();
      return this.#counted(await this.#pool.acquire(signal));
    } catch (cause) {
      this.#end();
      throw cause;
    }
  }

  /**
   * Starts what a new revision must have before it gets traffic, `initial-scale` and `min-scale`.
   * @throws {ModelLoadError} When it does not become ready, or not within the progress deadline.
   * @throws The signal's reason when it is aborted before.
   */
  async prove(signal: AbortSignal): Promise<void> {
    const { minScale, initialScale, maxScale } = this.revision.scale;
    this.#wake(Math.max(1, minScale, Math.min(initialScale, maxScale)));
    this.#activity = { isActive: true, sinceMs: performance.now() };
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(this.#notReadyInTime()),
      this.revision.scale.progressDeadlineMs,
    );
    this.#isProving = true;
    try {
      await this.#pool.untilReady(AbortSignal.any([signal, deadline.signal]));
    } finally {
      clearTimeout(timer);
      this.#isProving = false;
    }
  }

  /** Whether traffic or a tag leads to it. Without, it finishes what it has and goes. */
  setReachable(isReachable: boolean): void {
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    if (isReachable) this.open();
    else this.#leave();
  }

  /** How things stand now. */
  status(): ScalerStatus {
    const { workers, ready, scale, requests, failure = null } = this.#pool;
    return {
      state: stateOf(workers),
      pids: workers.flatMap(({ pid }) => pid ?? []),
      ready: ready > 0,
      scale: { desired: scale, actual: ready },
      panic: this.#kpa.panicMs !== undefined,
      metricsPorts: workers.flatMap(({ state, metricsPort }) =>
        state === 'draining' ? [] : (metricsPort ?? []),
      ),
      requests,
      failure,
    };
  }

  /** Stops all processes, each after its requests, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#pool.close();
  }

  /** SIGKILL for all processes, now. */
  kill(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#pool.kill();
  }

  /** The lease, whose end is the end of the request too. */
  #counted(lease: Lease): Lease {
    let isReleased = false;
    const release = (isBroken?: boolean): void => {
      if (isReleased) return;
      isReleased = true;
      lease.release(isBroken);
      this.#end();
    };
    return { ...lease, release };
  }

  #end(): void {
    this.#meter.end(performance.now());
    if (!this.#isReachable) this.#leave();
  }

  /** Nothing new can come: the last request is the end, there is no window to wait for. */
  #leave(): void {
    if (this.#meter.open > 0 || this.#isClosed) return;
    this.#forget();
    this.#pool.setScale(0);
    this.#sleep();
  }

  /** The first request after zero does not wait for the next measurement. */
  #poke(): void {
    const now = performance.now();
    this.#record(now, this.#meter.readFirst(now));
    this.#decide(now);
  }

  #wake(scale: number): void {
    this.#pool.setScale(scale);
    this.#timer ??= setInterval(() => this.#measure(), this.revision.scale.bucketMs);
  }

  #measure(): void {
    const { metric, tickMs, bucketMs } = this.revision.scale;
    const now = performance.now();
    this.#record(now, this.#meter.read(now, metric));
    this.#measured = (this.#measured + 1) % Math.max(1, Math.round(tickMs / bucketMs));
    if (this.#measured === 0) this.#decide(now);
  }

  #record(nowMs: number, value: number): void {
    this.#stable.record(nowMs, value);
    this.#panic.record(nowMs, value);
  }

  #decide(nowMs: number): void {
    if (this.#isClosed || this.#isProving) return;
    const settings = this.revision.scale;
    const { desired, state } = decideScale(settings, this.#kpa, {
      nowMs,
      stable: this.#stable.average(nowMs),
      panic: this.#panic.average(nowMs),
      ready: this.#pool.ready,
      isReachable: this.#isReachable,
    });
    if ((state.panicMs === undefined) !== (this.#kpa.panicMs === undefined)) {
      this.#log(`panic mode ${state.panicMs === undefined ? 'ends' : 'begins'}`);
    }
    this.#kpa = state;
    const bounded = boundScale(settings, this.#activity, {
      nowMs,
      // A request may have come since the last measurement.
      desired: this.#meter.open > 0 ? Math.max(1, desired) : desired,
      current: this.#pool.scale,
      isReachable: this.#isReachable,
    });
    this.#activity = bounded.activity;
    this.#wake(bounded.scale);
    if (bounded.scale === 0) this.#sleep();
  }

  /** At zero nothing is measured; the next request begins again. */
  #sleep(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#measured = 0;
  }

  #notReadyInTime(): ModelLoadError {
    const { name, scale } = this.revision;
    const seconds = scale.progressDeadlineMs / 1000;
    return new ModelLoadError(`Cannot start ${name}: not ready within ${seconds} s`, {
      permanent: false,
    });
  }

  /** Nobody could be served, so what was measured asks for nothing: the next request tries again. */
  #giveUp(): void {
    this.#forget();
    const minScale = this.#isReachable ? this.revision.scale.minScale : 0;
    this.#pool.setScale(minScale);
    if (minScale === 0) this.#sleep();
  }

  #forget(): void {
    [this.#stable, this.#panic] = this.#emptyWindows();
    this.#kpa = CALM;
    this.#activity = INACTIVE;
  }

  #emptyWindows(): [MetricWindow, MetricWindow] {
    const { windowMs, panicWindowMs, bucketMs, aggregation } = this.revision.scale;
    return [
      new MetricWindow(windowMs, bucketMs, aggregation),
      new MetricWindow(panicWindowMs, bucketMs, aggregation),
    ];
  }
}

function stateOf(workers: readonly Worker[]): ScalerState {
  if (workers.some(({ state }) => state === 'ready')) return 'ready';
  if (workers.some(({ state }) => state === 'starting')) return 'starting';
  return workers.length > 0 ? 'draining' : 'zero';
}
