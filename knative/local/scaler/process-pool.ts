import { ModelLoadError } from '../../../functions/runtime/errors.ts';
import { RequestQueue } from './request-queue.ts';
import { StartBackoff } from './start-backoff.ts';
import { Worker, type Launch, type Lease } from './worker.ts';

/** What a pool is of. */
export interface PoolOptions {
  /** For messages. */
  readonly service: string;
  /** The most requests that one process gets at once; 0 is no limit. */
  readonly containerConcurrency: number;
  readonly launch: Launch;
  readonly log: (line: string) => void;
  /** A process did not start, and there is no other one to wait for: all that waited were refused. */
  readonly onHopeless: () => void;
}

/** A process that was ready and went away is replaced after this time, or when a request needs it. */
const REPLACE_MS = 1000;

/**
 * The processes of one revision and the requests that wait for them, as Knative's activator and the
 * Deployment do it: as many processes as it is told, each with a hard limit of requests.
 */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #limit: number;
  readonly #workers = new Set<Worker>();
  readonly #queue = new RequestQueue<Lease>();
  readonly #backoff = new StartBackoff();
  #scale = 0;
  #fillTimer: NodeJS.Timeout | undefined;
  /** The worker that got the last request: of equally loaded ones the next is taken. */
  #last: Worker | undefined;
  /** Told of the next process that is ready, or is not. */
  #changed: { resolve: () => void; reject: (cause: Error) => void } | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#limit = options.containerConcurrency === 0 ? Infinity : options.containerConcurrency;
  }

  /** Processes that there are to be. */
  get scale(): number {
    return this.#scale;
  }

  /** Processes that take requests. */
  get ready(): number {
    return this.#live().filter(({ state }) => state === 'ready').length;
  }

  /** Every process that has not gone yet, those that take no requests any more last. */
  get workers(): readonly Worker[] {
    const live = this.#live();
    return [...live, ...[...this.#workers].filter((worker) => !live.includes(worker))];
  }

  /** Requests with a process, and those that wait for one. */
  get requests(): { readonly active: number; readonly held: number } {
    const active = [...this.#workers].reduce((sum, { inFlight }) => sum + inFlight, 0);
    return { active, held: this.#queue.length };
  }

  /** Why the last start failed. */
  get failure(): string | undefined {
    return this.#backoff.reason;
  }

  /** Starts or retires processes until there are `scale`. */
  setScale(scale: number): void {
    if (this.#isClosed) return;
    if (scale !== this.#scale) this.#options.log(`scale ${this.#scale} → ${scale}`);
    this.#scale = scale;
    // First those that serve nobody yet, then the least busy, then the newest.
    const newestFirst = this.#live().toReversed();
    const live = newestFirst.toSorted((a, b) => rank(a) - rank(b) || a.inFlight - b.inFlight);
    for (const worker of live.slice(0, Math.max(0, live.length - scale))) worker.retire();
    this.#fill();
  }

  /**
   * Why a request cannot be served now: starting failed a moment ago, and nothing else runs.
   * `undefined` when it can, or may wait.
   */
  refusal(): ModelLoadError | undefined {
    const waitMs = this.#backoff.remainingMs();
    if (waitMs === 0 || this.#live().length > 0) return undefined;
    return this.#startError(this.#backoff.reason ?? '', waitMs);
  }

  /**
   * Resolves with a place in a process, once there is one.
   * @throws {ModelLoadError} When no process starts.
   * @throws {ServiceBusyError} When too many requests wait.
   * @throws The signal's reason when it is aborted before.
   */
  async acquire(signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const refusal = this.refusal();
    if (refusal) throw refusal;
    const lease = this.#queue.length === 0 ? this.#take() : undefined;
    if (lease) return lease;
    const waiting = this.#queue.wait(signal);
    if (this.#live().length === 0) this.#fill();
    const place = await waiting;
    if (!signal.aborted) return place;
    // It went away while the place was on its way to it.
    place.release();
    throw signal.reason;
  }

  /**
   * Resolves once as many processes as there are to be are ready.
   * @throws {ModelLoadError} When one does not start.
   * @throws The signal's reason when it is aborted before.
   */
  async untilReady(signal: AbortSignal): Promise<void> {
    while (this.ready < this.#scale) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abandon = (): void => reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abandon, { once: true });
      this.#changed = { resolve, reject };
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', abandon);
      }
    }
  }

  /** Retires all processes and resolves when they are gone. */
  async close(): Promise<void> {
    this.setScale(0);
    this.#isClosed = true;
    clearTimeout(this.#fillTimer);
    while (this.#workers.size > 0) await Promise.all([...this.#workers].map(({ gone }) => gone));
    this.#queue.refuse(this.#startError('the stand-in is stopping', 0));
  }

  /** SIGKILL for all processes, now. */
  kill(): void {
    this.#isClosed = true;
    clearTimeout(this.#fillTimer);
    for (const worker of this.#workers) worker.kill();
  }

  #live(): Worker[] {
    return [...this.#workers].filter(({ state }) => state === 'starting' || state === 'ready');
  }

  /** The place of the least busy process; of equals the one after that of the last request. */
  #take(): Lease | undefined {
    const ready = this.#live().filter(({ isFree }) => isFree);
    const start = this.#last === undefined ? 0 : ready.indexOf(this.#last) + 1;
    const turns = [...ready.slice(start), ...ready.slice(0, start)];
    const [best] = turns.toSorted((a, b) => a.inFlight - b.inFlight);
    if (best === undefined || best.inFlight >= this.#limit) return undefined;
    this.#last = best;
    return best.lease();
  }

  #fill(): void {
    clearTimeout(this.#fillTimer);
    const missing = this.#scale - this.#live().length;
    if (missing <= 0 || this.#isClosed) return;
    const waitMs = this.#backoff.remainingMs();
    if (waitMs > 0) return this.#fillAfter(waitMs);
    for (let count = 0; count < missing; count += 1) this.#start();
  }

  #fillAfter(waitMs: number): void {
    clearTimeout(this.#fillTimer);
    this.#fillTimer = setTimeout(() => this.#fill(), waitMs);
  }

  #start(): void {
    const { log, launch } = this.#options;
    log('starting');
    const startedAt = performance.now();
    const worker: Worker = new Worker(launch, {
      ready: ({ pid }) => {
        log(`ready after ${Math.round(performance.now() - startedAt)} ms: process ${pid}`);
        this.#backoff.succeeded();
        this.#changed?.resolve();
        this.#serve();
      },
      released: () => this.#serve(),
      gone: (_, reason) => this.#gone(worker, reason),
    });
    this.#workers.add(worker);
  }

  #serve(): void {
    this.#queue.serve(() => this.#take());
  }

  #gone(worker: Worker, reason: string): void {
    const { log, onHopeless } = this.#options;
    this.#workers.delete(worker);
    if (worker.isRetired) return log(`stopped: process ${worker.pid}`);
    if (this.#isClosed) return;
    if (worker.wasReady) {
      log(`process ${worker.pid} ${reason}`);
      // One that dies again and again is not started in a hot loop, unless requests ask for it.
      return this.#queue.length > 0 ? this.#fill() : this.#fillAfter(REPLACE_MS);
    }
    this.#backoff.failed(reason);
    const waitMs = this.#backoff.remainingMs();
    log(`${reason}; not started again for ${waitMs / 1000} s`);
    this.#changed?.reject(this.#startError(reason, waitMs));
    if (this.#live().length === 0) {
      this.#queue.refuse(this.#startError(reason, waitMs));
      onHopeless();
    }
    this.#fill();
  }

  #startError(reason: string, waitMs: number): ModelLoadError {
    return new ModelLoadError(`Cannot start ${this.#options.service}: ${reason}`, {
      permanent: false,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }
}

function rank({ state }: Worker): number {
  return state === 'starting' ? 0 : 1;
}
