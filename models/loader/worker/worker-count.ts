/** What a process may use. */
export interface Allowance {
  /** Of the container, a quota counted in. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** More is a decision for people: each holds a copy of the weights. */
const MAX_WORKERS = 8;
/** What a session takes, compared with its file: the weights, prepacked ones, what a run needs. */
const SESSION_FACTOR = 3;
/** Sessions of all workers take at most this share of the memory. */
const MEMORY_SHARE = 0.5;

/**
 * How many worker processes a model gets unless told: as many as compute without sharing a CPU, as far as
 * their copies of the weights leave half of the memory free; at least one.
 * @param threads Of one run.
 */
export function defaultWorkers(
  modelBytes: number,
  threads: number,
  { cpus, memoryBytes }: Allowance,
): number {
  const byCpu = Math.floor(cpus / threads);
  const byMemory = Math.floor((MEMORY_SHARE * memoryBytes) / (SESSION_FACTOR * modelBytes));
  return Math.max(1, Math.min(byCpu, byMemory, MAX_WORKERS));
}
