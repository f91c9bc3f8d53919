import type { ScaleSettings } from '../manifests/scale-settings.ts';

/** The newest values weigh most until together they weigh this much: pkg/autoscaler/aggregation/bucketing.go */
const WEIGHT_PRECISION = 0.9999;
/** Long windows would be nearly simple averages without a least weight. */
const LEAST_WEIGHT = 0.2;

/**
 * The average of a metric over the last `windowMs`, in buckets of `bucketMs`, as Knative's autoscaler keeps
 * it: over the time since the first value only, until that fills the window.
 */
export class MetricWindow {
  readonly #bucketMs: number;
  readonly #buckets: number[];
  readonly #weight: number | undefined;
  /** Numbers of the buckets that were written first and last, counted from time 0. */
  #first = 0;
  #last = -Infinity;

  constructor(windowMs: number, bucketMs: number, aggregation: ScaleSettings['aggregation']) {
    this.#bucketMs = bucketMs;
    this.#buckets = Array.from({ length: Math.ceil(windowMs / bucketMs) }, () => 0);
    if (aggregation === 'weighted-exponential') {
      const perBucket = 1 - (1 - WEIGHT_PRECISION) ** (1 / this.#buckets.length);
      this.#weight = Math.max(perBucket, LEAST_WEIGHT);
    }
  }

  /** Adds `value` to the bucket of `nowMs`; buckets that were left out count as 0. */
  record(nowMs: number, value: number): void {
    const index = this.#indexOf(nowMs);
    const size = this.#buckets.length;
    if (index - this.#last >= size) {
      this.#buckets.fill(0);
      this.#first = index;
      this.#last = index;
    } else if (this.#last - index >= size) {
      return;
    }
    for (; this.#last < index; this.#last += 1) this.#buckets[(this.#last + 1) % size] = 0;
    this.#first = Math.min(this.#first, index);
    this.#buckets[index % size] = this.#at(index) + value;
  }

  /** The average as it is at `nowMs`; 0 when nothing was recorded for a whole window. */
  average(nowMs: number): number {
    const missing = Math.max(0, this.#indexOf(nowMs) - this.#last);
    return this.#weight === undefined
      ? this.#simpleAverage(missing)
      : this.#weightedAverage(missing, this.#weight);
  }

  #simpleAverage(missing: number): number {
    const valid = Math.min(this.#last - this.#first + 1, this.#buckets.length - missing);
    if (valid <= 0) return 0;
    let total = 0;
    for (let back = 0; back < this.#buckets.length - missing; back += 1) {
      total += this.#at(this.#last - back);
    }
    return Math.round((total / valid) * 1e6) / 1e6;
  }

  #weightedAverage(missing: number, weight: number): number {
    let factor = weight * (1 - weight) ** missing;
    let sum = 0;
    for (let back = 0; back < this.#buckets.length - missing; back += 1) {
      sum += this.#at(this.#last - back) * factor;
      factor *= 1 - weight;
    }
    return sum;
  }

  #indexOf(nowMs: number): number {
    return Math.floor(nowMs / this.#bucketMs);
  }

  #at(index: number): number {
    const size = this.#buckets.length;
    return this.#buckets[((index % size) + size) % size] ?? 0;
  }
}
