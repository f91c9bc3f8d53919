import type { Agent } from 'node:http';

import { ModelLoadError } from '../../../functions/runtime/errors.ts';
import type { ServiceSpec } from '../manifests/read-services.ts';
import type { FunctionProcess, ProcessExit } from '../process/function-process.ts';
import { ConcurrencyGate } from './concurrency-gate.ts';
import { StartBackoff } from './start-backoff.ts';

/** Where one Service stands between zero and one process. */
export type ScalerState = 'zero' | 'starting' | 'ready' | 'draining';

/** The right to forward one request to a process. */
export interface Lease {
  readonly port: number;
  readonly agent: Agent;
  /** The request is over, however it went. To be called once. */
  release(): void;
}

/** What `/_local` tells of one Service. */
export interface ScalerStatus {
  readonly state: ScalerState;
  readonly pids: readonly number[];
  readonly ready: boolean;
  /** Where the process serves its metrics on 127.0.0.1. */
  readonly metricsPort: number | null;
  /** Requests with a process now, and those that wait for one. */
  readonly requests: { readonly active: number; readonly held: number };
  /** Why the last start failed. */
  readonly failure: string | null;
}

/** Starts a process for the Service; rejects when there is nothing to start. */
export type Launch = () => Promise<FunctionProcess>;

/** The one process that gets new requests, from before it exists until it is given up. */
interface Attempt {
  process: FunctionProcess | undefined;
  isReady: boolean;
  /** Resolves when it is ready; rejects with a ModelLoadError when it never will be. */
  readonly outcome: Promise<FunctionProcess>;
}

/**
 * The life of one Service: zero → starting → ready → draining → zero. The first request starts a process,
 * all requests wait for the same one, and it is stopped after {@link ServiceSpec.idleMs} without any.
 */
export class ServiceScaler {
  readonly service: ServiceSpec;
  readonly #launch: Launch;
  readonly #log: (line: string) => void;
  readonly #gate: ConcurrencyGate;
  readonly #backoff = new StartBackoff();
  readonly #draining = new Set<FunctionProcess>();
  readonly #stops = new Set<Promise<void>>();
  #current: Attempt | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #open = 0;
  #active = 0;
  #isClosed = false;

  constructor(service: ServiceSpec, launch: Launch, log: (line: string) => void) {
    this.service = service;
    this.#launch = launch;
    this.#log = log;
    this.#gate = new ConcurrencyGate(service.containerConcurrency);
  }

  /** Starts what `min-scale` asks for; requests start everything else. */
  open(): void {
    if (this.service.minScale > 0 && !this.#isClosed) this.#current ??= this.#start();
  }

  /**
   * Waits for a ready process with a free place, starting one when there is none.
   * @throws {ModelLoadError} When the process does not start, or did not a moment ago.
   * @throws {ServiceBusyError} When too many requests wait.
   * @throws The signal's reason when it is aborted before.
   */
  async acquire(signal: AbortSignal): Promise<Lease> {
    this.#open += 1;
    clearTimeout(this.#idleTimer);
    try {
      await this.#gate.enter(signal);
      try {
        return this.#lease(await orAborted(this.#attempt().outcome, signal));
      } catch (cause) {
        this.#gate.leave();
        throw cause;
      }
    } catch (cause) {
      this.#leave();
      throw cause;
    }
  }

  /** How things stand now. */
  status(): ScalerStatus {
    const { process, isReady = false } = this.#current ?? {};
    const processes = process === undefined ? [...this.#draining] : [process, ...this.#draining];
    return {
      state: this.#state(),
      pids: processes.flatMap(({ pid }) => pid ?? []),
      ready: isReady,
      metricsPort: process?.metricsPort ?? null,
      requests: { active: this.#active, held: this.#open - this.#active },
      failure: this.#backoff.reason ?? null,
    };
  }

  /** Stops all processes and resolves when they are gone. No request may be open any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#restartTimer);
    this.#retire();
    while (this.#stops.size > 0) await Promise.all(this.#stops);
  }

  /** SIGKILL for all processes, now. */
  kill(): void {
    this.#isClosed = true;
    this.#current?.process?.kill();
    for (const process of this.#draining) process.kill();
  }

  #state(): ScalerState {
    if (this.#current) return this.#current.isReady ? 'ready' : 'starting';
    return this.#draining.size > 0 ? 'draining' : 'zero';
  }

  #lease({ port, agent }: FunctionProcess): Lease {
    this.#active += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#active -= 1;
      this.#gate.leave();
      this.#leave();
    };
    return { port, agent, release };
  }

  /** One request less; after the last, the window begins. */
  #leave(): void {
    this.#open -= 1;
    if (this.#open > 0 || this.#isClosed || this.service.minScale > 0) return;
    this.#idleTimer = setTimeout(() => this.#scaleToZero(), this.service.idleMs);
  }

  #attempt(): Attempt {
    if (this.#current) return this.#current;
    const waitMs = this.#backoff.remainingMs();
    const refusal = waitMs > 0 ? this.#startError(this.#backoff.reason ?? '', waitMs) : undefined;
    if (refusal) return { process: undefined, isReady: false, outcome: Promise.reject(refusal) };
    this.#current = this.#start();
    return this.#current;
  }

  #start(): Attempt {
    this.#log('starting');
    const startedAt = performance.now();
    const run = async (): Promise<FunctionProcess> => {
      const process = await this.#launched();
      attempt.process = process;
      if (this.#current !== attempt) {
        // Given up while it was being launched.
        this.#stop(process);
        throw this.#startError('stopped before it was ready', 0);
      }
      void process.exited.then((exit) => this.#exited(attempt, exit));
      if (!(await process.ready)) {
        throw this.#startError(exitReason(await process.exited), this.#backoff.remainingMs());
      }
      attempt.isReady = true;
      this.#backoff.succeeded();
      this.#log(`ready after ${Math.round(performance.now() - startedAt)} ms`);
      return process;
    };
    const attempt: Attempt = {
      process: undefined,
      isReady: false,
      outcome: Promise.resolve().then(run),
    };
    // Nobody may be waiting any more when it fails.
    attempt.outcome.catch(() => {
      if (this.#current === attempt) this.#current = undefined;
    });
    return attempt;
  }

  async #launched(): Promise<FunctionProcess> {
    try {
      return await this.#launch();
    } catch (cause) {
      const reason = (cause as Error).message;
      this.#failed(reason);
      throw this.#startError(reason, this.#backoff.remainingMs(), cause);
    }
  }

  /** A process went away without being asked to. */
  #exited(attempt: Attempt, exit: ProcessExit): void {
    if (this.#current !== attempt) return;
    this.#current = undefined;
    const reason = exitReason(exit);
    if (!attempt.isReady || this.service.minScale > 0) {
      this.#failed(reason);
    } else {
      this.#log(`${reason}; the next request starts it again`);
    }
  }

  #failed(reason: string): void {
    this.#backoff.failed(reason);
    const waitMs = this.#backoff.remainingMs();
    this.#log(`${reason}; not started again for ${waitMs / 1000} s`);
    if (this.service.minScale > 0 && !this.#isClosed) {
      this.#restartTimer = setTimeout(() => this.open(), waitMs);
    }
  }

  #startError(reason: string, waitMs: number, cause?: unknown): ModelLoadError {
    return new ModelLoadError(`Cannot start ${this.service.name}: ${reason}`, {
      permanent: false,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      cause,
    });
  }

  #scaleToZero(): void {
    this.#log(`no request for ${this.service.idleMs / 1000} s: to zero`);
    this.#retire();
  }

  /** Takes the current process out of service and stops it. */
  #retire(): void {
    const attempt = this.#current;
    this.#current = undefined;
    if (attempt?.process) this.#stop(attempt.process);
    // Without a process yet, the launch notices by itself that it was given up; wait for that.
    else if (attempt)
      this.#track(
        attempt.outcome.then(
          () => undefined,
          () => undefined,
        ),
      );
  }

  #stop(process: FunctionProcess): void {
    this.#draining.add(process);
    this.#track(
      process.stop().then(() => {
        this.#draining.delete(process);
        this.#log('stopped');
      }),
    );
  }

  #track(stop: Promise<void>): void {
    const tracked = stop.finally(() => this.#stops.delete(tracked));
    this.#stops.add(tracked);
  }
}

function exitReason({ code, signal, lastLine }: ProcessExit): string {
  // Without either the program did not even start, and the line says why.
  if (code === null && signal === null) return lastLine;
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return lastLine === '' || code === 0 ? how : `${how}: ${lastLine.slice(0, 500)}`;
}

/** The promise, or the signal's reason when that comes first; the promise itself goes on. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
