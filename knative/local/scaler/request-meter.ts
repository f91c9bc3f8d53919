import type { ScaleSettings } from '../manifests/scale-settings.ts';

/** Counts the requests of one revision, those that wait for a process included. */
export class RequestMeter {
  #open = 0;
  #arrived = 0;
  /** Integral of the open requests over time since the last reading. */
  #openMs = 0;
  #changedMs: number;
  #readMs: number;
  #toldEarly = 0;

  constructor(nowMs: number) {
    this.#changedMs = nowMs;
    this.#readMs = nowMs;
  }

  /** Requests that have begun and not ended. */
  get open(): number {
    return this.#open;
  }

  /** A request arrived. */
  begin(nowMs: number): void {
    this.#integrate(nowMs);
    this.#open += 1;
    this.#arrived += 1;
  }

  /** A request is over. */
  end(nowMs: number): void {
    this.#integrate(nowMs);
    this.#open -= 1;
  }

  /**
   * The request that wakes a revision is told at once, as Knative's activator does, and not again with the
   * next reading.
   */
  readFirst(nowMs: number): number {
    this.#integrate(nowMs);
    this.#openMs = 0;
    this.#arrived = 0;
    this.#readMs = nowMs;
    this.#toldEarly = 1;
    return 1;
  }

  /** The metric since the last reading: mean of the open requests, or arrivals per second. */
  read(nowMs: number, metric: ScaleSettings['metric']): number {
    this.#integrate(nowMs);
    const elapsedMs = nowMs - this.#readMs;
    const concurrency = elapsedMs > 0 ? this.#openMs / elapsedMs : this.#open;
    const rps = elapsedMs > 0 ? (this.#arrived * 1000) / elapsedMs : 0;
    const value = Math.max(0, (metric === 'rps' ? rps : concurrency) - this.#toldEarly);
    this.#openMs = 0;
    this.#arrived = 0;
    this.#toldEarly = 0;
    this.#readMs = nowMs;
    return value;
  }

  #integrate(nowMs: number): void {
    this.#openMs += this.#open * (nowMs - this.#changedMs);
    this.#changedMs = nowMs;
  }
}
